package org.udge.datasets.download;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A data set as published by its authors.
 *
 * <p>Sizes and SHA-256 sums of the built-in sets are those that the checksum registry of TensorFlow
 * Datasets records for the same addresses (those of Tiny-ImageNet, which it lacks, are stated
 * independently by several projects). {@code docs/datasets.md} states which were compared with real
 * files.
 *
 * @param name the name in the catalog
 * @param folder where its files belong, below the folder of all data
 * @param files the files to download; if {@code byHand}, the files to put into the folder
 * @param unpacking the treatment of archives
 * @param byHand whether the authors require that their terms be accepted on a page, so that files
 *     are fetched by hand and only verified here
 * @param page the authors' page
 * @param license the terms under which it is published
 */
public record PublishedDataset(
    String name,
    String folder,
    List<RemoteFile> files,
    Unpacking unpacking,
    boolean byHand,
    URI page,
    String license) {

  /** What becomes of archives. */
  public enum Unpacking {
    /** Archives are read without unpacking. */
    NONE,
    /** Archives are unpacked in the data set's folder and kept. */
    UNPACK
  }

  private static final String TORONTO = "https://www.cs.toronto.edu/~kriz/";
  private static final String SVHN = "http://ufldl.stanford.edu/housenumbers/";
  private static final String MNIST = "https://storage.googleapis.com/cvdf-datasets/mnist/";
  private static final String FASHION =
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  private static final String KMNIST = "http://codh.rois.ac.jp/kmnist/dataset/kmnist/";
  private static final String DRIVE = "https://drive.google.com/uc?export=download&id=";

  /**
   * Checks that nothing is null.
   *
   * @param name the name in the catalog
   * @param folder where its files belong, below the folder of all data
   * @param files the files to download, or to put into the folder
   * @param unpacking the treatment of archives
   * @param byHand whether files are fetched by hand and only verified here
   * @param page the authors' page
   * @param license the terms under which it is published
   */
  public PublishedDataset {
    requireNonNull(name);
    requireNonNull(folder);
    files = List.copyOf(files);
    requireNonNull(unpacking);
    requireNonNull(page);
    requireNonNull(license);
  }

  /**
   * The built-in sets.
   *
   * @return all of them
   */
  public static List<PublishedDataset> all() {
    return List.of(
        archive(
            "cifar10",
            RemoteFile.of(
                TORONTO,
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")),
        archive(
            "cifar100",
            RemoteFile.of(
                TORONTO,
                "cifar-100-binary.tar.gz",
                168_513_733,
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")),
        svhn("svhn", svhnTrain(), svhnTest()),
        svhn("svhn-extra", svhnExtra()),
        idx(
            "mnist",
            MNIST,
            "http://yann.lecun.com/exdb/mnist/",
            "CC BY-SA 3.0",
            new long[] {9_912_422, 28_881, 1_648_877, 4_542},
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        idx(
            "fashion-mnist",
            FASHION,
            "https://github.com/zalandoresearch/fashion-mnist",
            "MIT",
            new long[] {26_421_880, 29_515, 4_422_102, 5_148},
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        idx(
            "kmnist",
            KMNIST,
            "http://codh.rois.ac.jp/kmnist/",
            "CC BY-SA 4.0",
            new long[] {18_165_135, 29_497, 3_041_136, 5_120},
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
        new PublishedDataset(
            "emnist",
            "emnist",
            List.of(
                RemoteFile.of(
                    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
                    "gzip.zip",
                    561_753_746,
                    "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e")),
            Unpacking.UNPACK,
            false,
            URI.create("https://www.nist.gov/itl/products-and-services/emnist-dataset"),
            "as NIST Special Database 19, public domain in the USA"),
        new PublishedDataset(
            "tiny-imagenet",
            "",
            List.of(
                RemoteFile.of(
                    "http://cs231n.stanford.edu/",
                    "tiny-imagenet-200.zip",
                    248_100_043,
                    "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821")),
            Unpacking.NONE,
            false,
            URI.create("http://cs231n.stanford.edu/"),
            "non-commercial research and education, as ImageNet"),
        celeba());
  }

  private static PublishedDataset archive(String name, RemoteFile file) {
    return new PublishedDataset(
        name,
        "",
        List.of(file),
        Unpacking.UNPACK,
        false,
        URI.create("https://www.cs.toronto.edu/~kriz/cifar.html"),
        "none stated; the page asks to cite Krizhevsky 2009");
  }

  private static RemoteFile svhnTrain() {
    return RemoteFile.of(
        SVHN,
        "train_32x32.mat",
        182_040_794,
        "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8");
  }

  private static RemoteFile svhnTest() {
    return RemoteFile.of(
        SVHN,
        "test_32x32.mat",
        64_275_384,
        "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b");
  }

  private static RemoteFile svhnExtra() {
    return RemoteFile.of(
        SVHN,
        "extra_32x32.mat",
        1_329_278_602,
        "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3");
  }

  private static PublishedDataset svhn(String name, RemoteFile... files) {
    return new PublishedDataset(
        name,
        "svhn",
        List.of(files),
        Unpacking.NONE,
        false,
        URI.create(SVHN),
        "non-commercial use only");
  }

  private static PublishedDataset idx(
      String name, String address, String page, String license, long[] sizes, String... sha256) {
    List<String> names =
        List.of(
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz");
    List<RemoteFile> files = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      files.add(RemoteFile.of(address, names.get(i), sizes[i], sha256[i]));
    }
    return new PublishedDataset(
        name, name, files, Unpacking.NONE, false, URI.create(page), license);
  }

  private static PublishedDataset celeba() {
    return new PublishedDataset(
        "celeba",
        "celeba",
        List.of(
            new RemoteFile(
                URI.create(DRIVE + "0B7EVK8r0v71pZjFTYXZWM3FlRnM"),
                "img_align_celeba.zip",
                1_443_490_838,
                "46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74"),
            new RemoteFile(
                URI.create(DRIVE + "0B7EVK8r0v71pblRyaVFSWGxPY0U"),
                "list_attr_celeba.txt",
                26_721_026,
                "f0e5da289d5ccf75ffe8811132694922b60f2af59256ed362afa03fefba324d0"),
            new RemoteFile(
                URI.create(DRIVE + "0B7EVK8r0v71pY0NSMzRuSXJEVkk"),
                "list_eval_partition.txt",
                2_836_386,
                "fc955bcb3ef8fbdf7d5640d9a8693a8431b5f2ee291a5c1449a1549e7e073fe7")),
        Unpacking.NONE,
        true,
        URI.create("https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"),
        "non-commercial research only, by agreement");
  }

  /**
   * Finds a built-in set.
   *
   * @param name its name; names of the catalog stand for the set that they are part of, such as
   *     {@code cifar100-coarse} or {@code emnist-letters}
   * @return the set; empty if no set of this name can be downloaded
   */
  public static Optional<PublishedDataset> find(String name) {
    String set =
        name.equals("cifar100-coarse")
            ? "cifar100"
            : name.startsWith("emnist-") ? "emnist" : name.replaceFirst(":.*", "");
    return all().stream().filter(dataset -> dataset.name().equals(set)).findFirst();
  }
}
