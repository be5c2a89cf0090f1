package broker

import (
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Field is something that a provider tells of people: its key in portal files, and the claim that tells it.
type Field struct{ Name, Claim string }

// Fields are those that a row has a claim for, in the order in which a form asks for them.
func Fields(c identity.ClaimNames) []Field {
	all := []Field{
		{"subject", c.Subject},
		{"kvkNumber", c.KVKNumber},
		{"establishment", c.Establishment},
		{"intermediary", c.Intermediary},
		{"initials", c.Initials},
		{"givenNames", c.GivenNames},
		{"namePrefix", c.NamePrefix},
		{"familyName", c.Name},
		{"birthDate", c.BirthDate},
		{"street", c.Street},
		{"houseNumber", c.HouseNumber},
		{"houseNumberSuffix", c.HouseNumberSuffix},
		{"postalCode", c.PostalCode},
		{"city", c.City},
		{"country", c.Country},
	}
	return slices.DeleteFunc(all, func(f Field) bool { return f.Claim == "" })
}

// Level is the name by which the level is said, beside those of Fields.
const Level = "level"

// Claims puts what was said of somebody, by the names of Fields, in the claims of a provider. What is empty isn't told. A level
// is said by its name, or by the claim's own value; unsaid it is the first that the row accepts. Several establishments have
// spaces between.
func Claims(row identity.Provider, said map[string]string) map[string]any {
	claims := map[string]any{}
	for _, field := range Fields(row.OIDC.Claims) {
		text := strings.TrimSpace(said[field.Name])
		if all := strings.Fields(text); field.Name == "establishment" && len(all) > 1 {
			put(claims, field.Claim, all)
		} else if text != "" {
			put(claims, field.Claim, text)
		}
	}
	names := row.OIDC.Claims
	if said["kvkNumber"] != "" && names.KVKQualifier != "" {
		put(claims, names.KVKQualifier, names.KVKQualifierValue)
	}
	if names.Service != "" {
		put(claims, names.Service, names.ServiceValue)
	}
	put(claims, row.OIDC.LevelClaim, levelValue(row, said[Level]))
	if claims["sub"] == nil && said["subject"] != "" {
		claims["sub"] = said["subject"] // which every token has, whatever else the row goes by
	}
	return claims
}

func levelValue(row identity.Provider, said string) string {
	if said == "" && len(row.Levels) > 0 {
		said = string(row.Levels[0])
	}
	for _, level := range row.OIDC.Levels {
		if said == "" || string(level.Level) == said {
			return level.Value
		}
	}
	return said
}

// put puts a claim where its name says: "a > b" is b inside a.
func put(claims map[string]any, name string, value any) {
	outer, inner, nested := strings.Cut(name, " > ")
	if !nested {
		claims[name] = value
		return
	}
	within, there := claims[outer].(map[string]any)
	if !there {
		within = map[string]any{}
		claims[outer] = within
	}
	put(within, inner, value)
}
