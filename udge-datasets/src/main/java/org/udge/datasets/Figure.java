package org.udge.datasets;

import java.util.List;
import java.util.Locale;

/**
 * Plane figures around the origin, about 1 in radius; y grows downwards.
 *
 * <p>Only +, -, *, / and comparisons, which are the same to the last bit on every machine.
 */
enum Figure {
  DISC {
    @Override
    boolean contains(double x, double y) {
      return x * x + y * y < 0.72;
    }
  },
  RING {
    @Override
    boolean contains(double x, double y) {
      double square = x * x + y * y;
      return square < 0.85 && square > 0.28;
    }
  },
  TRIANGLE {
    @Override
    boolean contains(double x, double y) {
      return y < 0.6 && y > 1.732 * Math.abs(x) - 1.0;
    }
  },
  SQUARE {
    @Override
    boolean contains(double x, double y) {
      return Math.max(Math.abs(x), Math.abs(y)) < 0.75;
    }
  },
  STAR {
    @Override
    boolean contains(double x, double y) {
      int sidesInside = 0;
      for (double[] normal : STAR_NORMALS) {
        if (normal[0] * x + normal[1] * y < 0.36) {
          sidesInside++;
        }
      }
      return sidesInside >= 4;
    }
  },
  CROSS {
    @Override
    boolean contains(double x, double y) {
      double near = Math.min(Math.abs(x), Math.abs(y));
      double far = Math.max(Math.abs(x), Math.abs(y));
      return near < 0.28 && far < 0.95;
    }
  },
  CRESCENT {
    @Override
    boolean contains(double x, double y) {
      double right = x - 0.5;
      return x * x + y * y < 0.9 && right * right + y * y > 0.55;
    }
  },
  HEART {
    @Override
    boolean contains(double x, double y) {
      double sideways = Math.abs(x) - 0.43;
      double down = y + 0.32;
      boolean inLobes = sideways * sideways + down * down < 0.23;
      boolean inPoint = y > -0.15 && Math.abs(x) < 0.82 * (0.92 - y);
      return inLobes || inPoint;
    }
  },
  ARROW {
    @Override
    boolean contains(double x, double y) {
      boolean inHead = y > -1 && y < -0.1 && Math.abs(x) < 0.9 * (y + 1);
      boolean inShaft = y >= -0.1 && y < 0.95 && Math.abs(x) < 0.24;
      return inHead || inShaft;
    }
  },
  BARS {
    @Override
    boolean contains(double x, double y) {
      return Math.abs(x) < 0.85 && Math.abs(y) > 0.25 && Math.abs(y) < 0.72;
    }
  },
  HALF_DISC {
    @Override
    boolean contains(double x, double y) {
      double down = y + 0.4;
      return down > 0 && x * x + down * down < 0.95;
    }
  },
  HOURGLASS {
    @Override
    boolean contains(double x, double y) {
      return Math.abs(y) < 0.85 && Math.abs(x) < 0.1 + 0.75 * Math.abs(y);
    }
  },
  CORNER {
    @Override
    boolean contains(double x, double y) {
      boolean inSquare = Math.max(Math.abs(x), Math.abs(y)) < 0.8;
      return inSquare && (x < -0.25 || y > 0.25);
    }
  },
  FLOWER {
    @Override
    boolean contains(double x, double y) {
      double near = Math.min(Math.abs(x), Math.abs(y));
      double far = Math.max(Math.abs(x), Math.abs(y)) - 0.55;
      return near * near + far * far < 0.17;
    }
  },
  FRAME {
    @Override
    boolean contains(double x, double y) {
      double far = Math.max(Math.abs(x), Math.abs(y));
      return far < 0.8 && far > 0.45;
    }
  };

  /** No figure extends further from the origin. */
  static final double RADIUS = 1.2;

  /** The classes of the data set. */
  static final List<Figure> KNOWN =
      List.of(DISC, RING, TRIANGLE, SQUARE, STAR, CROSS, CRESCENT, HEART, ARROW, BARS);

  /** Related figures that are not among the classes. */
  static final List<Figure> UNSEEN = List.of(HALF_DISC, HOURGLASS, CORNER, FLOWER, FRAME);

  /** Unit vectors at 90, 162, 234, 306 and 18 degrees. */
  private static final double[][] STAR_NORMALS = {
    {0, 1},
    {-0.9510565162951535, 0.30901699437494745},
    {-0.5877852522924731, -0.8090169943749475},
    {0.5877852522924731, -0.8090169943749475},
    {0.9510565162951535, 0.30901699437494745}
  };

  abstract boolean contains(double x, double y);

  static List<String> names(List<Figure> figures) {
    return figures.stream()
        .map(figure -> figure.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .toList();
  }
}
