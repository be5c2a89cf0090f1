package identity

// LongestIdempotencyKey bounds an idempotency key, in characters.
const LongestIdempotencyKey = 255

// CheckIdempotencyKey refuses what isn't 1 to 255 visible characters of ASCII: anything else changes on its way through the
// programs that keep it, and a changed key is another one.
func CheckIdempotencyKey(key string) error {
	if len(key) == 0 || len(key) > LongestIdempotencyKey {
		return Refuse(InvalidInput, "input", "idempotencyKey")
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return Refuse(InvalidInput, "input", "idempotencyKey")
		}
	}
	return nil
}
