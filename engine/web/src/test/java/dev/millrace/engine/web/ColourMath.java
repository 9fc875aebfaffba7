package dev.millrace.engine.web;

import java.util.Map;

/**
 * What eyes make of colours: contrast as WCAG reckons it, and distance by CIEDE2000 (CIE 142-2001),
 * also as seen with a colour-vision deficiency (Machado, Oliveira and Fernandes 2009, severity 1).
 */
final class ColourMath {
  /** Matrices for linear RGB, row by row. */
  static final Map<String, double[]> EYES =
      Map.of(
          "normal", new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1},
          "protan",
              new double[] {
                0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
                1.051998
              },
          "deutan",
              new double[] {
                0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
                0.968881
              },
          "tritan",
              new double[] {
                1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
                0.303900
              });

  private ColourMath() {}

  /** From {@code #rrggbb} to linear red, green and blue of 0 to 1. */
  private static double[] linear(String colour) {
    double[] parts = new double[3];
    for (int i = 0; i < 3; i++) {
      double value = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      parts[i] = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
    return parts;
  }

  private static double luminance(String colour) {
    double[] rgb = linear(colour);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  }

  /** The ratio of contrast, 1 to 21. */
  static double contrast(String one, String other) {
    double a = luminance(one);
    double b = luminance(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  /** How different two colours look to such eyes. */
  static double distance(String one, String other, double[] eyes) {
    return ciede2000(lab(one, eyes), lab(other, eyes));
  }

  private static double[] lab(String colour, double[] eyes) {
    double[] from = linear(colour);
    double[] rgb = new double[3];
    for (int i = 0; i < 3; i++) {
      double sum = 0;
      for (int j = 0; j < 3; j++) {
        sum += eyes[3 * i + j] * from[j];
      }
      rgb[i] = Math.clamp(sum, 0.0, 1.0);
    }
    double x = 0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2];
    double y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
    double z = 0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2];
    double fx = cubeRoot(x / 0.95047);
    double fy = cubeRoot(y);
    double fz = cubeRoot(z / 1.08883);
    return new double[] {116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
  }

  private static double cubeRoot(double t) {
    return t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }

  /** The distance of two colours in L*a*b*, in the steps and names of the standard. */
  static double ciede2000(double[] one, double[] other) {
    double chroma = (Math.hypot(one[1], one[2]) + Math.hypot(other[1], other[2])) / 2;
    double g = 0.5 * (1 - Math.sqrt(seventh(chroma) / (seventh(chroma) + seventh(25))));
    double a1 = one[1] * (1 + g);
    double a2 = other[1] * (1 + g);
    double c1 = Math.hypot(a1, one[2]);
    double c2 = Math.hypot(a2, other[2]);
    double h1 = hue(a1, one[2]);
    double h2 = hue(a2, other[2]);

    double dh = c1 * c2 == 0 ? 0 : h2 - h1;
    dh = dh > 180 ? dh - 360 : dh < -180 ? dh + 360 : dh;
    double deltaL = other[0] - one[0];
    double deltaC = c2 - c1;
    double deltaH = 2 * Math.sqrt(c1 * c2) * Math.sin(Math.toRadians(dh / 2));

    double l = (one[0] + other[0]) / 2;
    double c = (c1 + c2) / 2;
    double h = h1 + h2;
    if (c1 * c2 != 0) {
      h = Math.abs(h1 - h2) <= 180 ? h / 2 : h < 360 ? (h + 360) / 2 : (h - 360) / 2;
    }
    double t =
        1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.20 * cos(4 * h - 63);
    double fifty = (l - 50) * (l - 50);
    double sl = 1 + 0.015 * fifty / Math.sqrt(20 + fifty);
    double sc = 1 + 0.045 * c;
    double sh = 1 + 0.015 * c * t;
    double rotation =
        -2
            * Math.sqrt(seventh(c) / (seventh(c) + seventh(25)))
            * Math.sin(Math.toRadians(60 * Math.exp(-Math.pow((h - 275) / 25, 2))));
    double x = deltaL / sl;
    double y = deltaC / sc;
    double z = deltaH / sh;
    return Math.sqrt(x * x + y * y + z * z + rotation * y * z);
  }

  private static double seventh(double value) {
    return Math.pow(value, 7);
  }

  private static double cos(double degrees) {
    return Math.cos(Math.toRadians(degrees));
  }

  private static double hue(double a, double b) {
    double degrees = Math.toDegrees(Math.atan2(b, a));
    return degrees < 0 ? degrees + 360 : degrees;
  }
}
