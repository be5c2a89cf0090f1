package graph_test

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
)

// imported brings somebody from another system, and somebody whose row fails, with hashes and the secrets of their apps. The
// first signs in with their old password.
func (j *journey) imported(token string) {
	j.T.Helper()
	j.secrets["imported TOTP secret"], j.secrets["TOTP secret of a row that fails"] = "MERKZAADMERKZAADMERKZAADMERKZAAD", "MERKFOUTMERKFOUTMERKFOUTMERKFOUT"
	var rows []map[string]any
	for i, salt := range []string{"merkzoutgoed", "merkzoutfout"} {
		key, err := pbkdf2.Key(sha256.New, firstPassword, []byte(salt), 1000, 32)
		if err != nil {
			j.T.Fatal(err)
		}
		name := []string{"imported", "failed"}[i]
		j.secrets[name+" hash"] = "pbkdf2_sha256$1000$" + salt + "$" + base64.StdEncoding.EncodeToString(key)
		j.secrets[name+" key"] = base64.RawStdEncoding.EncodeToString(key)
		rows = append(rows, map[string]any{
			"number": i + 1, "organisationId": one(j.Rig, "SELECT organisation_id FROM users WHERE email = 'main@merk.test'"),
			"email": "imported@merk.test", "displayName": "I", "passwordHash": j.secrets[name+" hash"],
			"totp": map[string]any{"secret": []string{j.secrets["imported TOTP secret"], j.secrets["TOTP secret of a row that fails"]}[i]},
		})
	}
	document := `mutation ($rows: [ImportUserInput!]!, $key: String! = "merk") { importUsers(input: {key: $key, rows: $rows}) { import { id } userErrors { code message path } } }`
	robot := j.Partner("tvm", token)
	id := j.do(robot, document, map[string]any{"rows": rows}).String("importUsers.import.id")
	j.Settle()
	j.do(robot, `query ($id: ID!) { import(id: $id) { done failed rows { nodes { number targetId userErrors { code message path } } } } }`, map[string]any{"id": id})
	j.do(robot, document, map[string]any{"rows": []map[string]any{{"number": j.secrets["imported hash"], "email": "x", "displayName": "X"}}})
	j.signIn(j.Browser("tvm"), "imported@merk.test", firstPassword)
}
