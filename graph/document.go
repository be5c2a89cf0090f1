package graph

import (
	"maps"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const (
	documentCount = 1000     // documents kept
	documentBytes = 16 << 20 // what they may take in memory together, as estimated by weigh
	documentShare = 16       // a document that would take more than this part of the cache is not kept
	tokenBytes    = 384      // what a token of a document takes once parsed, roughly
)

// document is a parsed, bounded and validated document. It is shared by requests and never changed.
type document struct {
	*ast.QueryDocument
	prices []price // of each operation, as far as it doesn't hang on variables
	bytes  int     // an estimate of the memory it takes
}

// operation finds the operation to execute. Without a name the document must have one operation.
func (d *document) operation(name string) (*ast.OperationDefinition, price, *gqlerror.Error) {
	if name == "" && len(d.Operations) > 1 {
		return nil, price{}, refuse(codeInput, "The document has several operations: operationName must choose one.")
	}
	for i, operation := range d.Operations {
		if name == "" || operation.Name == name {
			return operation, d.prices[i], nil
		}
	}
	return nil, price{}, refuse(codeInput, "The document has no operation of the name that operationName gives.")
}

// documents turns the text of documents into something to execute and remembers the valid ones, most recently
// used first. It is bounded by what it takes in memory as well as by number. Safe for concurrent use.
type documents struct {
	schema   *ast.Schema
	limits   limits
	rules    *rules.Rules
	sizes    map[string]int
	standard int // the cost of a standard introspection query

	mutex sync.Mutex
	cache *simplelru.LRU[string, *document]
	bytes int
}

// newDocuments readies an empty cache for a schema.
func newDocuments(schema *ast.Schema, l limits) *documents {
	d := &documents{
		schema:   withoutDefer(schema),
		limits:   l,
		rules:    quietRules(),
		sizes:    introspectionSizes(schema),
		standard: standardIntrospection(schema),
	}
	d.cache, _ = simplelru.NewLRU(documentCount, func(_ string, evicted *document) { d.bytes -= evicted.bytes })
	return d
}

// withoutDefer is the schema without @defer, which the parser's prelude declares and this transport doesn't answer.
func withoutDefer(schema *ast.Schema) *ast.Schema {
	served := *schema
	served.Directives = maps.Clone(schema.Directives)
	delete(served.Directives, "defer")
	return &served
}

// quietRules are the rules of the specification without suggestions ("did you mean …"), whose search for similar names
// costs more than all the rest.
func quietRules() *rules.Rules {
	r := rules.NewDefaultRules()
	for _, quiet := range []validator.Rule{
		rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		r.RemoveRule(strings.TrimSuffix(quiet.Name, "WithoutSuggestions"))
		r.AddRule(quiet.Name, quiet.RuleFunc)
	}
	return r
}

// get answers the document of a text, or why it can't be executed.
func (d *documents) get(query string) (*document, gqlerror.List) {
	d.mutex.Lock()
	doc, ok := d.cache.Get(query)
	d.mutex.Unlock()
	if ok {
		return doc, nil
	}
	doc, errs := d.read(query)
	if errs == nil {
		d.keep(query, doc)
	}
	return doc, errs
}

// keep remembers a document and forgets the least recently used past the bounds.
func (d *documents) keep(query string, doc *document) {
	if doc.bytes > documentBytes/documentShare {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.cache.Contains(query) {
		return
	}
	d.cache.Add(query, doc)
	for d.bytes += doc.bytes; d.bytes > documentBytes; {
		d.cache.RemoveOldest()
	}
}

// read parses, bounds, validates and prices a document, cheapest first.
func (d *documents) read(query string) (*document, gqlerror.List) {
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, d.limits.Tokens)
	if err != nil {
		return nil, gqlerror.List{syntaxError(err, d.limits.Tokens)}
	}
	if len(parsed.Operations) == 0 {
		return nil, gqlerror.List{refuse(codeInvalid, "The document has no operation.")}
	}
	if err := d.limits.check(parsed); err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := validator.ValidateWithRules(d.schema, parsed, d.rules); len(errs) > 0 {
		return nil, invalidDocument(errs, d.limits.Errors)
	}
	doc := &document{QueryDocument: parsed, bytes: weigh(query)}
	for _, operation := range parsed.Operations {
		doc.prices = append(doc.prices, d.price(operation, nil))
	}
	return doc, nil
}

// price works out what an operation costs with these variables.
func (d *documents) price(operation *ast.OperationDefinition, variables map[string]any) price {
	p := pricing{sizes: d.sizes, variables: variables}
	return p.set(operation.SelectionSet)
}

// afford refuses an operation that costs too much with these variables.
func (d *documents) afford(operation *ast.OperationDefinition, p price, variables map[string]any) *gqlerror.Error {
	if p.varies {
		p = d.price(operation, variables)
	}
	switch {
	case p.data > d.limits.Cost:
		return refuse(codeTooComplex, "The operation costs %d: at most %d is allowed. Ask for smaller pages or fewer fields.", p.data, d.limits.Cost)
	case p.schema > d.limits.Introspection*d.standard:
		return refuse(codeTooComplex, "The operation asks for more than %d times the standard introspection query.", d.limits.Introspection)
	}
	return nil
}

// weigh estimates the memory that a document takes once parsed: its text, and its tokens, of which there may be one for every
// second byte.
func weigh(query string) int {
	tokens := 0
	for l := lexer.New(&ast.Source{Input: query}); ; tokens++ {
		if token, err := l.ReadToken(); err != nil || token.Kind == lexer.EOF {
			return len(query) + tokens*tokenBytes
		}
	}
}
