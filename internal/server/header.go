package server

// Values that never change are shared by all answers. Nobody appends to them in place: they have no room behind them.
var (
	apiPolicy   = []string{"default-src 'none'; frame-ancestors 'none'"}
	strictHTTPS = []string{"max-age=63072000"} // two years; browsers heed it over https alone
	noSniff     = []string{"nosniff"}
	noReferrer  = []string{"no-referrer"}
	noStore     = []string{"no-store"}
	closing     = []string{"close"}
	// noCache is what eHerkenning's agreements ask of pages on the way, besides Pragma for what is older than HTTP/1.1.
	noCache = []string{"no-cache, no-store"}
	pragma  = []string{"no-cache"}
	briefly = []string{"public, max-age=300"} // five minutes
)

// speakToBrowsers says on every answer: https from now on, nothing of this is a page, keep nothing, tell nobody. GraphiQL
// says otherwise of itself where it must.
func speakToBrowsers(v *visit) {
	header := v.Header()
	header["X-Request-Id"] = []string{v.id}
	header["Content-Security-Policy"] = apiPolicy
	header["Strict-Transport-Security"] = strictHTTPS
	header["X-Content-Type-Options"] = noSniff
	header["Referrer-Policy"] = noReferrer
	header["Cache-Control"] = noStore
}
