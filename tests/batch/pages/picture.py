"""Takes the README's picture of a class's page: its main parts, shortened, as one PNG.

make dashboard DIR=run
.venv/bin/python -m tests.batch.pages.picture run/dashboard.html autograder/batch/dashboard.png
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

from PIL import Image

from tests.server.browser import browser

WIDTH, ROWS, HEAT_PIXELS, COLOURS = 1120, 4, 270, 64
SHORTEN = f"""(() => {{
  [...document.querySelectorAll('#rules tbody tr')].slice({ROWS}).forEach((one) => one.remove());
  document.getElementById('shown').textContent = '';
  const heat = document.querySelector('svg.heat').parentElement;
  heat.style.maxHeight = '{HEAT_PIXELS}px';
  heat.style.overflow = 'hidden';
  while (heat.nextElementSibling) heat.nextElementSibling.remove();
  document.querySelector('main').style.paddingBottom = '1rem';
  return document.documentElement.scrollHeight;
}})()"""


def main(source: Path, target: Path) -> None:
    """Write the picture."""
    with browser() as page:
        size = {"width": WIDTH, "height": 600, "deviceScaleFactor": 1, "mobile": False}
        page.call("Emulation.setDeviceMetricsOverride", **size)
        page.open(source.resolve().as_uri())
        page.wait_for("document.readyState === 'complete' && document.querySelector('svg.heat')")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": page.run(SHORTEN), "scale": 1}
        picture = page.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
    image = Image.open(io.BytesIO(base64.b64decode(picture["data"])))
    image.convert("RGB").quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
