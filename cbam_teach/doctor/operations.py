"""The operations that a pass consists of, by what they do; named as PyTorch's dispatcher does."""

#: The same numbers, in another shape or place.
PASS = frozenset((
    "view", "_unsafe_view", "reshape", "_reshape_alias", "expand", "clone", "contiguous",
    "detach", "alias", "permute", "transpose", "t", "unsqueeze", "squeeze", "_to_copy",
    "lift_fresh", "copy", "flatten", "movedim",
))  # fmt: skip
ADD = frozenset(("add", "sub", "rsub"))
#: Layers with weights that mix channels or places.
CONV = frozenset((
    "convolution", "_convolution", "mkldnn_convolution", "cudnn_convolution",
    "miopen_convolution", "addmm", "mm", "bmm", "baddbmm", "linear", "_conv_depthwise2d",
    "slow_conv2d_forward",
))  # fmt: skip
#: What turns a logit into a weight.
GATE = frozenset((
    "sigmoid", "hardsigmoid", "_softmax", "softmax", "tanh", "hardtanh", "clamp", "clamp_min",
    "clamp_max", "softplus", "log_sigmoid_forward", "erf", "reciprocal",
))  # fmt: skip
#: Gates that an activation of a branch is not.
SIGMOID = frozenset(("sigmoid", "hardsigmoid", "_softmax", "softmax"))
#: What brings a map together over channels or places.
REDUCE = frozenset((
    "mean", "sum", "amax", "amin", "max", "min", "std", "var", "var_mean", "std_mean", "median",
    "logsumexp", "norm", "linalg_vector_norm", "adaptive_max_pool2d", "_adaptive_avg_pool2d",
    "adaptive_avg_pool2d", "avg_pool2d", "max_pool2d_with_indices",
))  # fmt: skip
NORM = frozenset((
    "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
    "cudnn_batch_norm", "miopen_batch_norm", "native_group_norm", "native_layer_norm",
    "_batch_norm_no_update", "_batch_norm_with_update", "batch_norm_with_update",
))  # fmt: skip
_ALONE = frozenset((
    "mul", "div", "relu", "silu", "gelu", "hardswish", "leaky_relu", "elu", "mish", "exp", "pow",
    "neg", "sqrt", "rsqrt", "abs", "threshold", "prelu", "_prelu_kernel", "where",
    "native_dropout", "log", "hardtanh", "square", "log1p",
))  # fmt: skip
#: One number from one number, whatever stands beside it.
POINTWISE = GATE | PASS | ADD | _ALONE
