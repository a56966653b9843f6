package dev.perennial.scoring.trees;

/** XGBoost compares floats, and goes left below the threshold. */
record FloatScale() implements Scale {
    private static final int MAGNITUDE = 0x7fffffff;

    @Override
    public int level(int feature, double value) {
        return ordered((float) value);
    }

    @Override
    public int lastLeft(int feature, double threshold) {
        return ordered((float) threshold) - 1;
    }

    @Override
    public int code(double value) {
        float code = (float) value;
        return code < 0 || code >= Bounds.CODE_MAX ? -1 : (int) code;
    }

    /** An integer that orders like the float; both zeroes are equal. */
    private static int ordered(float value) {
        int bits = Float.floatToRawIntBits(value + 0.0f);
        return bits ^ bits >> Integer.SIZE - 1 & MAGNITUDE;
    }
}
