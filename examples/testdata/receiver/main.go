// Opens the receiver of docs/webhooks.md for each secret that it is given, on addresses that it prints, and prints what is saved.
package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
)

func main() {
	for _, secret := range os.Args[1:] {
		handler, err := receiver(secret, save)
		if err != nil {
			panic(err)
		}
		fmt.Println(httptest.NewServer(handler).URL + "/hook")
	}
	select {}
}

func save(id string, body []byte) error {
	var event struct{ Type string }
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	fmt.Println(id, event.Type)
	return nil
}
