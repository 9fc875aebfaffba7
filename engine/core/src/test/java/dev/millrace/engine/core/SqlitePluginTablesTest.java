package dev.millrace.engine.core;

/** Goal: plugins have tables of their own in the file of the records. */
class SqlitePluginTablesTest extends PluginTablesContract {
  @Override
  EngineConfig config() {
    return EngineConfig.in(state);
  }
}
