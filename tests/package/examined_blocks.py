"""What the doctor is given in the tests of its command; copied to a folder of its own."""

from torch import nn

from cbam_teach import CBAM, ResidualBlock, SqueezeExcitation

print("noise of the module")


def good():
    print("noise of the factory")
    return ResidualBlock(8, 8, attention=CBAM)


class Adds(nn.Module):
    """Multiplies nothing: the mask is added."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.attention = SqueezeExcitation(8)

    def forward(self, x):
        out = self.conv(x)
        return x + out + self.attention(out)


class Kit:
    make = Adds


ready = good()
before = ResidualBlock(8, 8, attention=CBAM, placement="before")
network = nn.Sequential(good(), good())
plain = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU())
three = 3


def needs(channels, stride=1):
    return good()


def gives_three():
    return 3


def breaks():
    raise LookupError("no such width")


def leaves():
    raise SystemExit(0)


class Stops(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.attention = CBAM(8)

    def forward(self, x):
        raise LookupError("it stops here")
