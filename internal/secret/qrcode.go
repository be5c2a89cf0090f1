package secret

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

const (
	quietZone = 4   // modules on each side (ISO/IEC 18004)
	minQRCode = 240 // pixels a side
)

// QRCode answers URI as a picture for an <img>: a data: URI of a black and
// white PNG, at least 240 pixels a side, each module a whole number of pixels,
// with the quiet zone that scanners need. It fails where issuer and account
// are too long for a QR code (about 2 kB).
func (s TOTPSecret) QRCode(issuer, account string) (string, error) {
	code, err := qr.Encode(s.URI(issuer, account), qr.M, qr.Auto)
	if err != nil {
		// The library's error quotes the content, and the content is the secret.
		return "", errors.New("draw QR code: issuer and account are too long")
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, enlarge(code)); err != nil {
		return "", fmt.Errorf("draw QR code: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.Bytes()), nil
}

// enlarge draws a code of one pixel a module with whole pixels and a quiet
// zone. (barcode.Scale leaves whatever margin happens to remain.)
func enlarge(code image.Image) image.Image {
	modules := code.Bounds().Dx() + 2*quietZone
	scale := (minQRCode + modules - 1) / modules
	picture := image.NewPaletted(image.Rect(0, 0, modules*scale, modules*scale), color.Palette{color.White, color.Black})
	for y := range modules * scale {
		for x := range modules * scale {
			at := image.Pt(x/scale-quietZone, y/scale-quietZone)
			if at.In(code.Bounds()) && color.GrayModel.Convert(code.At(at.X, at.Y)) == (color.Gray{}) {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	return picture
}
