package mail

import (
	htmltemplate "html/template"
	"math"
	"strconv"
	"strings"
)

// plainColour is the button's where a portal names none.
const plainColour = "#1f4e79"

// colours are the brand's, or a plain one, and the ink that reads best on it: black or white, whichever has the greater
// contrast by WCAG 2.2 (§ "relative luminance"). It is never below 4.5 to 1. Only what has the form of a colour passes as
// CSS.
func colours(brand string) (colour, ink htmltemplate.CSS) {
	light, ok := luminance(brand)
	if !ok {
		brand = plainColour
		light, _ = luminance(brand)
	}
	if onWhite, onBlack := 1.05/(light+0.05), (light+0.05)/0.05; onBlack > onWhite {
		return htmltemplate.CSS(brand), "#000000"
	}
	return htmltemplate.CSS(brand), "#ffffff"
}

// luminance of a colour written as #rrggbb, from 0 for black to 1 for white.
func luminance(colour string) (float64, bool) {
	digits, found := strings.CutPrefix(colour, "#")
	value, err := strconv.ParseUint(digits, 16, 24)
	if !found || len(digits) != 6 || err != nil {
		return 0, false
	}
	return 0.2126*linear(value>>16) + 0.7152*linear(value>>8&0xff) + 0.0722*linear(value&0xff), true
}

func linear(channel uint64) float64 {
	share := float64(channel) / 255
	if share <= 0.04045 {
		return share / 12.92
	}
	return math.Pow((share+0.055)/1.055, 2.4)
}
