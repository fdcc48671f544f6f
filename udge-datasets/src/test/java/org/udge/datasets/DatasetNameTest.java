package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetNameTest {

  @ParameterizedTest
  @CsvSource({
    "cifar10, cifar10, ",
    "CIFAR10, cifar10, ",
    "cifar, cifar10, ",
    "cifar_train, cifar10, TRAIN",
    "cifar_test, cifar10, TEST",
    "cifar10_test, cifar10, TEST",
    "cifar100test, cifar100, TEST",
    "cifar_100, cifar100, ",
    "cifar100-coarse_train, cifar100-coarse, TRAIN",
    "svhn_test, svhn, TEST",
    "svhn_train, svhn, TRAIN",
    "svhn_extra, svhn, EXTRA",
    "celeba, celeba, ",
    "celeba_valid, celeba, VALIDATION",
    "celeba:Smiling, celeba:Smiling, ",
    "fashionmnist, fashion-mnist, ",
    "fashion_mnist_test, fashion-mnist, TEST",
    "emnist-letters/train, emnist-letters, TRAIN",
    "shapes-unseen, shapes-unseen, ",
    "tiny_imagenet_val, tiny-imagenet, VALIDATION"
  })
  void understands_names_of_sets_and_parts(String text, String set, Split split) {
    assertThat(DatasetName.parse(text)).contains(new DatasetName(set, Optional.ofNullable(split)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cifar11", "test", "train", "_test", "mnist:zero", "noise", "svhnx"})
  void other_names_are_none(String text) {
    assertThat(DatasetName.parse(text)).isEmpty();
  }

  @Test
  void every_name_of_the_catalog_is_understood_as_itself() {
    for (String name : DatasetCatalog.names()) {
      assertThat(DatasetName.parse(name)).contains(new DatasetName(name, Optional.empty()));
    }
  }
}
