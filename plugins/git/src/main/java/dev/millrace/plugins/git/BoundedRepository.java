package dev.millrace.plugins.git;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import org.eclipse.jgit.attributes.AttributesNodeProvider;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.RefDatabase;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that takes no more from a remote than the limits of one fetch allow. JGit
 * itself reserves memory for as many objects as a pack says it has, before it has seen one.
 */
final class BoundedRepository extends Repository {
  private static final int PACK_HEADER_BYTES = 12;
  private static final int PACK_MAGIC = 0x5041434b;

  private final Repository inner;
  private final FetchBounds bounds;

  private BoundedRepository(FileRepositoryBuilder place, FetchBounds bounds) throws IOException {
    super(place);
    this.inner = place.build();
    this.bounds = bounds;
  }

  static BoundedRepository open(File directory, FetchBounds bounds) throws IOException {
    return new BoundedRepository(
        new FileRepositoryBuilder().setBare().setGitDir(directory).setup(), bounds);
  }

  FetchBounds bounds() {
    return bounds;
  }

  @Override
  public ObjectInserter newObjectInserter() {
    ObjectInserter original = inner.newObjectInserter();
    return new ObjectInserter.Filter() {
      @Override
      protected ObjectInserter delegate() {
        return original;
      }

      @Override
      public PackParser newPackParser(InputStream in) throws IOException {
        PackParser parser = original.newPackParser(checkedPack(bounds.bounded(in)));
        parser.setMaxObjectSizeLimit(bounds.limits().objectBytesMax());
        return parser;
      }
    };
  }

  private InputStream checkedPack(InputStream in) throws IOException {
    byte[] header = in.readNBytes(PACK_HEADER_BYTES);
    if (header.length == PACK_HEADER_BYTES && ByteBuffer.wrap(header).getInt(0) == PACK_MAGIC) {
      long objects = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(8));
      if (objects > bounds.limits().packObjectsMax()) {
        throw new IOException(
            "it sends %d objects, and the limit is %d"
                .formatted(objects, bounds.limits().packObjectsMax()));
      }
    }
    return new SequenceInputStream(new ByteArrayInputStream(header), in);
  }

  @Override
  public void create(boolean bare) throws IOException {
    inner.create(bare);
  }

  @Override
  public String getIdentifier() {
    return inner.getIdentifier();
  }

  @Override
  public ObjectDatabase getObjectDatabase() {
    return inner.getObjectDatabase();
  }

  @Override
  public RefDatabase getRefDatabase() {
    return inner.getRefDatabase();
  }

  @Override
  public StoredConfig getConfig() {
    return inner.getConfig();
  }

  @Override
  public AttributesNodeProvider createAttributesNodeProvider() {
    return inner.createAttributesNodeProvider();
  }

  @Override
  public void scanForRepoChanges() throws IOException {
    inner.scanForRepoChanges();
  }

  @Override
  public void notifyIndexChanged(boolean internal) {
    inner.notifyIndexChanged(internal);
  }

  @Override
  public void autoGC(ProgressMonitor monitor) {
    inner.autoGC(monitor);
  }

  @Override
  protected void doClose() {
    inner.close();
  }
}
