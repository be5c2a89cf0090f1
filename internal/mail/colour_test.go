package mail

import (
	"fmt"
	htmltemplate "html/template"
	"testing"
)

func TestTheButtonCanBeReadOnAnyColour(t *testing.T) {
	t.Parallel()
	for brand, want := range map[string][2]htmltemplate.CSS{
		"#000000": {"#000000", "#ffffff"}, "#ffffff": {"#ffffff", "#000000"}, "#ffcc00": {"#ffcc00", "#000000"},
		"#0a5c36": {"#0a5c36", "#ffffff"}, "#E30613": {"#E30613", "#ffffff"}, "": {plainColour, "#ffffff"},
		"red": {plainColour, "#ffffff"}, "#12345": {plainColour, "#ffffff"}, "#12345g": {plainColour, "#ffffff"},
		`#fff"><b>`: {plainColour, "#ffffff"},
	} {
		if colour, ink := colours(brand); [2]htmltemplate.CSS{colour, ink} != want {
			t.Errorf("%q: %s on %s, want %v", brand, ink, colour, want)
		}
	}
	for value := range 1 << 12 { // every 16th shade of red, green and blue
		brand := fmt.Sprintf("#%x0%x0%x0", value>>8, value>>4&15, value&15)
		light, _ := luminance(brand)
		if _, ink := colours(brand); (ink == "#ffffff" && 1.05/(light+0.05) < 4.5) || (ink == "#000000" && (light+0.05)/0.05 < 4.5) {
			t.Errorf("%s on %s is below 4.5 to 1", ink, brand)
		}
	}
}
