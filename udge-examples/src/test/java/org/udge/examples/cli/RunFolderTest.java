package org.udge.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.state.AtomicFiles;
import org.udge.state.PendingFile;

class RunFolderTest {

  @TempDir private Path parent;

  @Test
  void is_removed_where_nothing_came_of_the_run() throws IOException {
    Path logs = parent.resolve("runs");
    try (RunFolder folder = RunFolder.create(logs, "a")) {
      folder.writeSettings(JsonFiles.object());
      Files.createFile(folder.file("events.out.tfevents.1.udge"));
      folder.within("model_1");
      assertThat(folder.path()).isDirectory();
    }
    assertThat(logs).as("made for this run alone").doesNotExist();
  }

  @Test
  void stays_where_there_are_results() throws IOException {
    Path kept;
    try (RunFolder folder = RunFolder.create(parent, "a")) {
      folder.writeSettings(JsonFiles.object());
      kept = Files.createFile(folder.file("progress.csv"));
    }
    try (RunFolder folder = RunFolder.create(parent, "b")) {
      Files.createFile(folder.within("model_1").file("samples.png"));
    }
    assertThat(kept).exists();
    assertThat(parent.toFile().list()).hasSize(2);
  }

  @Test
  void a_folder_of_runs_that_was_there_stays() throws IOException {
    RunFolder.create(parent, "a").close();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void has_a_normalized_path() throws IOException {
    RunFolder folder = RunFolder.create(parent.resolve("x/../runs/."), "a");
    assertThat(folder.toString()).startsWith(parent.resolve("runs").resolve("a-").toString());
  }

  @Test
  void has_a_path_as_it_was_given() throws IOException {
    // Relative, and made together with the folder above it.
    try (RunFolder folder = RunFolder.create(Path.of("target/no-such-folder"), "a")) {
      assertThat(folder.path()).isRelative();
    }
    assertThat(Path.of("target/no-such-folder")).doesNotExist();
  }

  @Test
  void removes_what_killed_runs_left_in_the_folders_beside_it() throws IOException {
    Path killed = Files.createDirectories(parent.resolve("killed"));
    Path left;
    try (PendingFile pending = AtomicFiles.begin(killed.resolve("last.state"))) {
      // As if by a process of this id that was started long ago.
      String[] name = pending.path().getFileName().toString().split("-");
      name[2] = "1000";
      left = Files.createFile(killed.resolve(String.join("-", name)));
    }
    RunFolder.create(parent, "a");
    assertThat(left).doesNotExist();
  }

  @Test
  void says_that_the_folder_of_runs_is_a_file() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));
    assertThatThrownBy(() -> RunFolder.create(file, "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--log_dir")
        .hasMessageContaining(file.toString());
  }
}
