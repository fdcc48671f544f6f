package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train --lr 0                                     | '--lr'.*above 0, was '0'
          train --lr fast                                  | '--lr'.*a number, was 'fast'
          train --lr NaN                                   | '--lr'.*a finite number, was 'NaN'
          train --depth 12                                 | '--depth'.*6n \\+ 4.*was '12'
          train --width 0                                  | '--width'.*at least 1, was '0'
          train --norm group                               | '--norm'.*one of none, batch.*was 'group'
          train --dropout_rate 1                           | '--dropout_rate'.*below 1, was '1'
          train --optimizer lbfgs                          | '--optimizer'.*one of adam, sgd, was 'lbfgs'
          train --weight_decay -1                          | '--weight_decay'.*0 or above, was '-1'
          train --warmup_iters -2                          | '--warmup_iters'.*at least -1, was '-2'
          train --decay_epochs 10,x                        | '--decay_epochs'.*a whole number, was 'x'
          train --decay_rate 0                             | '--decay_rate'.*above 0, was '0'
          train --n_epochs 0                               | '--n_epochs'.*at least 1, was '0'
          train --batch_size 0                             | '--batch_size'.*at least 1, was '0'
          train --sigma -1                                 | '--sigma'.*0 or above, was '-1'
          train --n_train 0                                | '--n_train'.*at least 1, was '0'
          train --n_valid -1                               | '--n_valid'.*at least 0, was '-1'
          train --n_test 0                                 | '--n_test'.*at least 1, was '0'
          train --labels_per_class -2                      | '--labels_per_class'.*at least -1, was '-2'
          train --workers -1                               | '--workers'.*at least 0, was '-1'
          train --pyxce -1                                 | '--pyxce'.*0 or above, was '-1'
          train --contrast_k 0                             | '--contrast_k'.*at least 1, was '0'
          train --contrast_t 0                             | '--contrast_t'.*above 0, was '0'
          train --contrast_form moco                       | '--contrast_form'.*one of reference, paper, was 'moco'
          train --smoothing 1                              | '--smoothing'.*below 1, was '1'
          train --n_steps 0                                | '--n_steps'.*at least 1, was '0'
          train --sgld_lr 0                                | '--sgld_lr'.*above 0, was '0'
          train --sgld_std -1                              | '--sgld_std'.*0 or above, was '-1'
          train --sgld_batch_size 0                        | '--sgld_batch_size'.*at least 1, was '0'
          train --buffer_size 0                            | '--buffer_size'.*at least 1, was '0'
          train --reinit_freq 2                            | '--reinit_freq'.*from 0 to 1, was '2'
          train --guard_gap 0                              | '--guard_gap'.*above 0, was '0'
          train --guard_saturation 2                       | '--guard_saturation'.*at most 1, was '2'
          train --compat jem                               | '--compat'.*one of udge, reference, was 'jem'
          train --eval_noise yes                           | '--eval_noise'.*0 or 1, was 'yes'
          train --queue_start full                         | '--queue_start'.*one of empty, noise, was 'full'
          train --queue_feeding twice                      | '--queue_feeding'.*one of once, each_term, was 'twice'
          train --pxysgld_energy y                         | '--pxysgld_energy'.*one of joint, marginal, was 'y'
          train --separate_passes 2                        | '--separate_passes'.*0 or 1, was '2'
          train --alpha 2                                  | '--alpha'.*from 0 to 1, was '2'
          train --alpha .5 --pyxce 1                       | --alpha stands for --pyxce and --pxycontrast
          train --compat reference --pxcontrast 1          | nothing to minimise: as --compat says, --pxcontrast has the weight of --pxycontrast
          train --compat reference --pxycontrast 1 --sharpness_radius 1 | --sharpness_radius .*--queue_feeding once
          train --engine cuda                              | '--engine'.*one of auto, graph, onednn, was 'cuda'
          train --precision float16                        | '--precision'.*one of float32, bfloat16, was 'float16'
          train --threads 0                                | '--threads'.*at least 1, was '0'
          train --seed now                                 | '--seed'.*'now'
          train --ckpt_every -2                            | '--ckpt_every'.*at least -1, was '-2'
          train --eval_every 0                             | '--eval_every'.*at least 1, was '0'
          train --print_every 0                            | '--print_every'.*at least 1, was '0'
          train --calibrate isotonic                       | '--calibrate'.*one of none, temperature, vector
          train --start_epoch 3                            | Unknown options: '--start_epoch', '3'
          train --lrr 1                                    | Unknown.*'--lrr'.*Did you mean.*--lr
          train --dataset shapes                           | nothing to minimise: give at least one of --pyxce
          train --dataset imagenet --pyxce 1               | --dataset must be one of .*shapes.*, or a file, zip or folder of images, was 'imagenet'
          train --dataset svhn_test --pyxce 1              | --dataset svhn_test needs --data_root
          download imagenet --data_root x                  | NAME must be one of cifar10, .*, celeba, was 'imagenet'
          download cifar10                                 | Missing required option.*--data_root
          train --pyxce 1                                  | --dataset cifar10 needs --data_root
          train --dataset shapes --pyxce 1 --n_test 9999   | --n_test must be at most 2000.*was 9999
          train --dataset shapes --pyxce 1 --n_valid 4000  | --n_train \\(all\\) and --n_valid 4000 need 4,001 images.*4,000
          train --uncond --pxysgld 1                       | --uncond models p\\(x\\) alone
          bench --mode moco                                | '--mode'.*one of ce, hdge, .*logging, was 'moco'
          bench --mode gradx --data augmented              | --data augmented is for training steps, not.*gradx
          bench --data none                                | '--data'.*one of fixed, augmented, was 'none'
          bench --steps 0                                  | '--steps'.*at least 1, was '0'
          score --input x.npy --output y.csv               | Missing required option.*--load_path
          quickstart --n_epochs 0                          | '--n_epochs'.*at least 1, was '0'
          predict                                          | 'predict'
          """)
  void says_in_one_line_what_is_wrong_with_a_flag(String args, String message) {
    CommandRun run = CommandRun.of((Object[]) args.split(" "));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void wants_a_command() {
    CommandRun run = CommandRun.of();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("say which command: quickstart, train");
  }

  @Test
  void refuses_missing_data_as_a_failure(@TempDir Path folder) {
    CommandRun run =
        CommandRun.of("train", "--pyxce", 1, "--data_root", folder, "--log_dir", folder);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("data_batch_[1-5].bin", folder.toString()).hasLineCount(1);
  }

  @Test
  void shows_a_stack_trace_when_asked(@TempDir Path folder) {
    CommandRun run = CommandRun.of("train", "--pyxce", 1, "--data_root", folder, "--debug");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("\tat org.udge.datasets.DatasetCatalog");
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "train", "eval", "attack", "score", "export", "bench"})
  void explains_every_flag_and_its_default(String command) {
    CommandRun run = CommandRun.of(command, "--help");
    assertThat(run.status()).isZero();
    String options = run.out().substring(run.out().indexOf("Engine:"));
    assertThat(run.out())
        .contains("--engine", "--debug")
        .containsPattern("Default:\\s+auto")
        .doesNotContain("${");
    assertThat(options).contains("--precision");
    assertThat(Arrays.stream(run.out().split("\n")).filter(line -> line.length() > 110)).isEmpty();
  }

  @Test
  void completes_flags_in_a_shell() {
    CommandRun run = CommandRun.of("generate-completion");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("complete ", "--pxycontrast", "udge");
  }

  @Test
  void lists_the_commands() {
    CommandRun run = CommandRun.of("--help");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("quickstart", "train", "eval", "attack", "score", "report", "export", "bench");
  }
}
