package dev.millrace.plugins.git;

import java.io.File;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.FS_POSIX;
import org.eclipse.jgit.util.SystemReader;

/**
 * Keeps JGit from running programs: git, which it asks for the place of the system's configuration
 * (that file is read where distributions have it instead), and a shell, which it asks for the mask
 * of new files' modes. JGit knows only one such setting for the whole process.
 */
final class SystemSettings extends SystemReader.Delegate {
  private static final File FILE = new File("/etc/gitconfig");

  private static final int UMASK = 0022;

  private SystemSettings(SystemReader original) {
    super(original);
  }

  static synchronized void install() {
    if (FS.DETECTED instanceof FS_POSIX posix) {
      posix.setUmask(UMASK);
    }
    if (!(SystemReader.getInstance() instanceof SystemSettings)) {
      SystemReader.setInstance(new SystemSettings(SystemReader.getInstance()));
    }
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return new FileBasedConfig(parent, FILE, fs);
  }
}
