package secret

const numberPurpose = "phone number"

// NumberKey answers what a telephone number is counted and known again by: a
// MAC under the newest key. There are few numbers, and whoever has the key
// could try them all; nobody else learns one from it.
func (k *Keyring) NumberKey(portal, number string) []byte {
	return k.MAC(numberPurpose, []byte(portal), []byte(number))
}

// HoldsNumber tells whether what is sealed to a factor's id is the number with
// that key, under whichever of the keys it was made. What doesn't open holds
// none.
func (k *Keyring) HoldsNumber(portal, factor string, sealed, key []byte) bool {
	number, err := k.Open(sealed, []byte(factor))
	return err == nil && k.VerifyMAC(numberPurpose, key, []byte(portal), number)
}
