package org.udge.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

  @TempDir private Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void makes_missing_folders_and_replaces_files() throws IOException {
    Path file = folder.resolve("a/b/text");
    AtomicFiles.write(file, temporary -> Files.writeString(temporary, "old"));
    AtomicFiles.write(file, temporary -> Files.writeString(temporary, "new"));
    assertThat(file).hasContent("new");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void leaves_the_old_file_when_writing_fails() throws IOException {
    Path file = folder.resolve("text");
    Files.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    temporary -> {
                      Files.writeString(temporary, "half");
                      throw new IOException("the source is damaged");
                    }))
        .hasMessage("the source is damaged");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("text");
  }

  @Test
  void writers_of_one_file_do_not_share_a_temporary_one() throws IOException {
    Path file = folder.resolve("text");
    AtomicFiles.write(
        file,
        first -> {
          Files.writeString(first, "first");
          AtomicFiles.write(file, second -> Files.writeString(second, "second"));
          assertThat(file).hasContent("second");
        });
    assertThat(file).hasContent("first");
    assertThat(names()).containsExactly("text");
  }

  @Test
  void long_names_get_temporary_files_too() throws IOException {
    Path file = folder.resolve("n".repeat(250));
    AtomicFiles.write(file, temporary -> Files.writeString(temporary, "x"));
    assertThat(file).hasContent("x");
  }

  @Test
  void files_of_a_group_appear_together() throws IOException {
    Path table = Files.writeString(folder.resolve("table"), "old");
    Path logits = folder.resolve("logits");
    AtomicFiles.writeAll(
        List.of(table, logits),
        temporaries -> {
          Files.writeString(temporaries.get(0), "new");
          Files.writeString(temporaries.get(1), "numbers");
          assertThat(table).hasContent("old");
          assertThat(logits).doesNotExist();
        });
    assertThat(table).hasContent("new");
    assertThat(logits).hasContent("numbers");
    assertThat(names()).containsExactly("logits", "table");
  }

  @Test
  void no_file_of_a_group_appears_when_writing_one_fails() throws IOException {
    Path table = Files.writeString(folder.resolve("table"), "old");
    Path logits = folder.resolve("logits");
    assertThatThrownBy(
            () ->
                AtomicFiles.writeAll(
                    List.of(table, logits),
                    temporaries -> {
                      Files.writeString(temporaries.get(0), "new");
                      throw new IOException("No space left on device");
                    }))
        .hasMessage(
            "cannot write %s and %s: the disk is full: free space, or choose a folder on another disk",
            table, logits);
    assertThat(table).hasContent("old");
    assertThat(names()).containsExactly("table");
  }

  @Test
  void no_file_of_a_group_appears_when_moving_one_fails() throws IOException {
    Path table = Files.writeString(folder.resolve("table"), "old");
    Path fresh = folder.resolve("fresh");
    Path taken = Files.createDirectories(folder.resolve("taken"));
    assertThatThrownBy(() -> AtomicFiles.writeAll(List.of(table, fresh, taken), temporaries -> {}))
        .hasMessageContaining("cannot write " + taken + ": a folder of that name is in the way");
    assertThat(table).hasContent("old");
    assertThat(names()).containsExactly("table", "taken");
  }

  @Test
  void files_moved_before_a_failure_are_what_they_were() throws IOException {
    Path table = Files.writeString(folder.resolve("table"), "old");
    Path fresh = folder.resolve("fresh");
    Path gone = folder.resolve("within/gone");
    assertThatThrownBy(
            () ->
                AtomicFiles.writeAll(
                    List.of(table, fresh, gone),
                    temporaries -> {
                      Files.writeString(temporaries.get(0), "new");
                      // A folder cannot be moved over by a file: the last move fails.
                      Path folderInTheWay = Files.createDirectories(gone);
                      Files.writeString(folderInTheWay.resolve("x"), "x");
                    }))
        .hasMessageContaining("cannot write " + gone);
    assertThat(table).hasContent("old");
    assertThat(names()).containsExactly("table", "within");
  }

  @Test
  void refuses_one_file_twice_in_a_group() {
    Path file = folder.resolve("x");
    assertThatThrownBy(
            () -> AtomicFiles.writeAll(List.of(file, folder.resolve("./x")), temporaries -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be different");
  }

  @Test
  void a_pending_file_is_committed_once_or_leaves_nothing() throws IOException {
    Path file = folder.resolve("text");
    try (PendingFile pending = AtomicFiles.begin(file)) {
      Files.writeString(pending.path(), "x");
    }
    assertThat(names()).isEmpty();
    try (PendingFile pending = AtomicFiles.begin(file)) {
      pending.commit();
      assertThatThrownBy(pending::commit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(file + " is finished");
    }
    assertThat(names()).containsExactly("text");
  }

  @Test
  void a_pending_file_tells_failures_of_writing_it_in_words() throws IOException {
    Path file = folder.resolve("text");
    try (PendingFile pending = AtomicFiles.begin(file)) {
      assertThat(pending.failure(new IOException("No space left on device")))
          .hasMessageStartingWith("cannot write " + file + ": the disk is full");
      IOException other = new IOException("the source is damaged");
      assertThat(pending.failure(other)).isSameAs(other);
    }
  }

  @Test
  void removes_what_a_killed_process_left() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process child =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Endless.class.getName(),
                folder.resolve("run.state").toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var lines = child.inputReader()) {
      assertThat(lines.readLine()).isEqualTo("writing");
      String temporary = names().get(0);
      assertThat(temporary).startsWith(".run.state.udge-" + child.pid() + "-").endsWith(".tmp");

      assertThat(AtomicFiles.removeAbandoned(folder)).as("while it runs").isEmpty();
      assertThat(names()).containsExactly(temporary);

      child.destroyForcibly().waitFor();
      assertThat(AtomicFiles.removeAbandoned(folder))
          .as("when it is gone")
          .containsExactly(folder.resolve(temporary));
    } finally {
      child.destroyForcibly();
    }
    assertThat(names()).isEmpty();
  }

  /** Begins to write a file and never ends. */
  static final class Endless {
    private Endless() {}

    public static void main(String... args) throws IOException {
      AtomicFiles.write(
          Path.of(args[0]),
          temporary -> {
            Files.writeString(temporary, "half");
            System.out.println("writing");
            System.in.read();
          });
    }
  }

  /** This process's own temporary name, taken apart: everything but the end is who writes. */
  private String[] ownName() throws IOException {
    try (PendingFile pending = AtomicFiles.begin(folder.resolve("x"))) {
      return pending.path().getFileName().toString().split("-");
    }
  }

  private Path leave(String[] name, int part, String value) throws IOException {
    String[] changed = name.clone();
    changed[part] = value;
    return Files.createFile(folder.resolve(String.join("-", changed)));
  }

  @Test
  void removes_what_a_process_left_whose_id_was_given_again() throws IOException {
    String[] own = ownName();
    Path before = leave(own, 2, Long.toString(Long.parseLong(own[2]) - 60_000));
    assertThat(AtomicFiles.removeAbandoned(folder)).containsExactly(before);
  }

  @Test
  void leaves_what_it_writes_itself_and_what_others_named() throws IOException {
    Files.createFile(folder.resolve(".x.udge-1-2-3.tmp"));
    Files.createFile(folder.resolve("x.tmp"));
    Files.createFile(folder.resolve(".x.udge-me.tmp"));
    try (PendingFile pending = AtomicFiles.begin(folder.resolve("x"))) {
      assertThat(AtomicFiles.removeAbandoned(folder)).isEmpty();
      assertThat(pending.path()).exists();
    }
    assertThat(names()).hasSize(3);
  }

  @Test
  void leaves_what_another_machine_writes_until_it_is_a_day_old() throws IOException {
    Path other = leave(ownName(), 3, "00000000");
    assertThat(AtomicFiles.removeAbandoned(folder)).isEmpty();
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
    Files.setLastModifiedTime(other, old);
    assertThat(AtomicFiles.removeAbandoned(folder)).containsExactly(other);
  }

  @Test
  void a_folder_that_is_absent_or_none_holds_nothing_abandoned() throws IOException {
    assertThat(AtomicFiles.removeAbandoned(folder.resolve("absent"))).isEmpty();
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(AtomicFiles.removeAbandoned(file)).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void names_the_file_when_the_disk_is_full() {
    Path file = folder.resolve("model.zip");
    assertThatThrownBy(
            () -> AtomicFiles.write(file, t -> Files.writeString(Path.of("/dev/full"), "content")))
        .hasMessage(
            "cannot write %s: the disk is full: free space, or choose a folder on another disk",
            file);
  }

  @Test
  void says_what_is_wrong_with_the_folder_and_what_helps() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> AtomicFiles.write(file.resolve("x"), t -> {}))
        .hasMessage(
            "cannot write %s: %s is a file, and a folder is needed there: choose another folder",
            file.resolve("x"), file);
    Path target = folder.resolve("x");
    Path inside = folder.toAbsolutePath();
    assertThat(messageOf(target, t -> new AccessDeniedException(t.toString())))
        .isEqualTo("no permission: allow writing in " + inside + ", or choose another folder");
    assertThat(messageOf(target, t -> new NoSuchFileException(t.toString())))
        .startsWith("it was deleted or moved meanwhile");
    assertThatThrownBy(() -> AtomicFiles.append(folder.resolve("gone/x"), new byte[1]))
        .hasMessageContaining(
            "cannot write %s: its folder %s was deleted or moved meanwhile",
            folder.resolve("gone/x"), inside.resolve("gone"));
    assertThat(messageOf(target, t -> system(t, "Read-only file system")))
        .isEqualTo("its file system is read-only: choose a folder that can be written to");
    assertThat(messageOf(target, t -> new IOException("Disk quota exceeded")))
        .isEqualTo("the disk quota is used up: free space, or choose another folder");
    assertThat(messageOf(target, t -> new IOException("File too large")))
        .startsWith("it is larger than the limit on file sizes");
    assertThat(messageOf(target, t -> system(t, "File name too long")))
        .startsWith("the name is too long");
    assertThat(messageOf(target, t -> system(t, "Input/output error")))
        .isEqualTo("Input/output error");
  }

  private static IOException system(Path file, String reason) {
    return new FileSystemException(file.toString(), null, reason);
  }

  private static String messageOf(Path target, Function<Path, IOException> failure) {
    try {
      AtomicFiles.write(
          target,
          temporary -> {
            throw failure.apply(temporary);
          });
      throw new AssertionError("no failure");
    } catch (IOException e) {
      String start = "cannot write " + target + ": ";
      assertThat(e).hasMessageStartingWith(start);
      return e.getMessage().substring(start.length());
    }
  }

  @Test
  void errors_of_other_files_than_the_one_written_stay_as_they_are() {
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    folder.resolve("x"), t -> Files.readAllBytes(folder.resolve("absent"))))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(folder.resolve("absent").toString());
    assertThat(Arrays.asList(folder.toFile().list())).isEmpty();
  }
}
