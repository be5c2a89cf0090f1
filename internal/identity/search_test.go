package identity

import (
	"slices"
	"strings"
	"testing"
)

func TestTheWordsOfAName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"":                          {},
		" %_ ":                      {},
		"Jan Bakker":                {"bakker", "jan"},
		"JAN  jan\tJán":             {"jan"},
		"Zoë van 't Hoff-de Vries":  {"de", "hoff", "t", "van", "vries", "zoe"},
		"Zoe\u0308 d’Hondt":         {"d", "hondt", "zoe"},
		"Łukasz Ørsted Straße":      {"lukasz", "orsted", "strasse"},
		"Kantoor 24 (Zuid) B.V.":    {"24", "b", "kantoor", "v", "zuid"},
		"Ива\u0301н ☃ 中村":           {"иван", "中村"},
		"a\x00b\xffc":               {"a", "b", "c"},
		"Transportbedrijf Joosten®": {"joosten", "transportbedrijf"},
	} {
		if got := NameWords(name); !slices.Equal(got, want) {
			t.Errorf("the words of %q are %q, want %q", name, got, want)
		}
	}
}

func TestWhichNamesASearchIsFor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text, name string
		want       bool
	}{
		{"bakker", "Jan Bakker", true},
		{"jan bak", "Jan Bakker", true},
		{"bak, jan", "Jan Bakker", true},
		{"jan bakker", "Jan van der Bakker", true},
		{"van der", "Jan van der Bakker", true},
		{"akker", "Jan Bakker", false},
		{"jan smit", "Jan Bakker", false},
		{"jan jansen", "Jan Jansen", true},
		{"jansen jan", "Piet Jansen", false},
		{"ja jan jans", "Jan Jansen", false},
		{"j ja jan", "Jan Jaap Joost", true},
		{"j ja jan", "Jan Joost Johan", false},
		{"jan@bakker", "Jan Bakker", false}, // an address
		{"%j", "Jan Bakker", false},
		{"%%", "Jan Bakker", false},
		{"100%", "100 Procent", true},
		{"zoe", "Zoë", true},
		{"zoë", "Zoe", true},
		{"een twee drie vier vijf zes zeven", "Stichting Een Twee Drie Vier Vijf Zes Zeven", true},
	} {
		search, err := CleanSearch(row.text)
		if got := search.Finds(row.name); got != row.want || err != nil {
			t.Errorf("%q finds %s: %t (%v), want %t", row.text, row.name, got, err, row.want)
		}
	}
}

func TestASearchHasTwoTo200CharactersAndSixWordsAtMost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Code{
		"": BadUserInput, " k ": BadUserInput, "ka": "", "éé": "", strings.Repeat("k", 200): "", strings.Repeat("é", 201): BadUserInput,
	} {
		_, err := CleanSearch(text)
		refused(t, err, want)
	}
	search, err := CleanSearch(" Een twee DRIE vier vijf zes zevende achtste ")
	if len(search.Words) != 6 || search.Words[0].Text != "achtste" || search.Words[5].Text != "vijf" || err != nil {
		t.Errorf("searches for %v (%v), want the six longest words", search.Words, err)
	}
	if search.Key != "een twee drie vier vijf zes zevende achtste" || search.Ticket != "Een twee DRIE vier vijf zes zevende achtste" {
		t.Errorf("searches for %q, or the ticket %q", search.Key, search.Ticket)
	}
}
