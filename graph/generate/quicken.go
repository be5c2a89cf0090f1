package main

import (
	"fmt"
	"regexp"
	"strings"
)

// What gqlgen writes for a field makes a context, three closures and an interface value for it, and for a list a goroutine
// for every item. That is right for resolvers, and ten times the work of the answer for what is read from a struct. These
// rules put the short way in front, and leave what can fail, or asks a resolver, as it was. Each must find something: when
// gqlgen writes otherwise one day, generating fails and whoever raised the version looks here.

// quicken rewrites the generated code.
func quicken(code string) (string, error) {
	for _, rule := range []struct {
		name    string
		rewrite func(string) string
	}{
		{"@defer, which isn't served", withoutDefer},
		{"sets of fields", quickSets},
		{"lists", quickLists},
		{"leaves", quickLeaves},
		{"objects within objects", quickObjects},
		{"imports", quickImports},
	} {
		rewritten := rule.rewrite(code)
		if rewritten == code {
			return "", fmt.Errorf("quicken %s: nothing looks as it did; see what gqlgen writes now", rule.name)
		}
		code = rewritten
	}
	return code, nil
}

var deferred = []*regexp.Regexp{
	regexp.MustCompile(`\tdeferredFieldSet := graphql\.NewFieldSet\(nil\)\n\tdeferLabelToView := .*\n`),
	regexp.MustCompile(`(?s)\t\t\tif field\.IsDeferred\(\) \{\n.*?\n\t\t\t\tcontinue\n\t\t\t\}\n\n?`),
	regexp.MustCompile(`(?s)\tatomic\.AddInt32\(&ec\.Deferred, .*?\n\n\tec\.ProcessDeferredGroup\(.*?\n\t\}\)\n\n`),
}

func withoutDefer(code string) string {
	for _, part := range deferred {
		code = part.ReplaceAllString(code, "")
	}
	return code
}

func quickSets(code string) string {
	return strings.NewReplacer("graphql.NewFieldSet(", "quick.NewFieldSet(", "*graphql.FieldSet)", "*quick.FieldSet)").Replace(code)
}

func quickImports(code string) string {
	code = strings.Replace(code, "\n\t\"github.com/sleutelbos/sleutelbos/graph/page\"\n",
		"\n\t\"github.com/sleutelbos/sleutelbos/graph/page\"\n\t\"github.com/sleutelbos/sleutelbos/graph/quick\"\n", 1)
	return strings.Replace(code, "\t\"math\"\n", "", 1)
}

// A list, in parts: its function up to the marshalling of the items, and what marshals an item.
var list = regexp.MustCompile(`ret := graphql\.MarshalSliceConcurrently\(ctx, len\(v\), 0, false, func\(ctx context\.Context, i int\) graphql\.Marshaler \{
		fc := graphql\.GetFieldContext\(ctx\)
		fc\.Result = &v\[i\]
		return ec\.(\S+)\(ctx, sel, v\[i\]\)
	\}\)`)

// quickLists marshals items one after the other. Items are marshalled at once, as gqlgen does it, only where a resolver is
// asked of each.
func quickLists(code string) string {
	slow := resolved(code)
	return list.ReplaceAllStringFunc(code, func(found string) string {
		item := list.FindStringSubmatch(found)[1]
		if text := scalarOf(code, item); strings.HasPrefix(text, "graphql.MarshalString(") { // which is never null
			return "ret := make(graphql.Array, len(v))\n\tfor i, v := range v {\n\t\tret[i] = " + text + "\n\t}"
		}
		element := "ec." + item + "(ctx, sel, v[i])"
		object := objectOf(code, item)
		if object != "" {
			element = "ec._" + object + "(ctx, sel, &v[i])"
		}
		one := "func(ctx context.Context, i int) graphql.Marshaler {\n\t\treturn " + element + "\n\t}"
		if len(slow[object]) == 0 {
			return "ret := quick.Each(ctx, len(v), " + one + ")"
		}
		return "item := " + one + "\n\tvar ret graphql.Array\n\tif quick.Asks(sel, " + strings.Join(slow[object], ", ") + ") {\n" +
			"\t\tret = graphql.MarshalSliceConcurrently(ctx, len(v), 0, false, item)\n\t} else {\n\t\tret = quick.Each(ctx, len(v), item)\n\t}"
	})
}

// resolved lists the fields of each type that ask a resolver, quoted.
func resolved(code string) map[string][]string {
	fields := map[string][]string{}
	for _, field := range concurrent.FindAllStringSubmatch(code, -1) {
		fields[field[1]] = append(fields[field[1]], `"`+field[2]+`"`)
	}
	return fields
}

var concurrent = regexp.MustCompile(`\t\t\t\tres = ec\._([A-Za-z]+)_([A-Za-z]+)\(ctx, field, obj\)`)

// objectOf is the type whose value a marshaller hands on as it is; "" for other marshallers.
func objectOf(code, marshaller string) string {
	handsOn := regexp.MustCompile(`\) ` + regexp.QuoteMeta(marshaller) + `\(ctx context\.Context, sel ast\.SelectionSet, v [^*].*\{\n\treturn ec\._([A-Za-z]+)\(ctx, sel, &v\)\n\}`)
	if found := handsOn.FindStringSubmatch(code); found != nil {
		return found[1]
	}
	return ""
}

// A field that is read from its object: function, value, marshaller, and whether it must not be null.
var plain = regexp.MustCompile(`(func \(ec \*executionContext\) (_[A-Za-z]+_[A-Za-z]+)\(ctx context\.Context, field graphql\.CollectedField, obj \S+\) \(ret graphql\.Marshaler\) \{\n)` +
	`	return graphql\.ResolveField\(
		ctx,
		ec\.OperationContext,
		field,
		func\(ctx context\.Context, field graphql\.CollectedField\) \(\*graphql\.FieldContext, error\) \{
			return ec\.\S+\(ctx, field\)
		\},
		func\(ctx context\.Context\) \(any, error\) \{
			return (obj\.[A-Za-z.]+(?:\(\))?), nil
		\},
		nil,
		func\(ctx context\.Context, selections ast\.SelectionSet, v .*\) graphql\.Marshaler \{
			return ec\.(\S+)\(ctx, selections, v\)
		\},
		true,
		(true|false),
	\)
\}
`)

// quickLeaves writes scalars and enumerations without a context, which they need for an error alone: where null isn't
// allowed and it is null, the long way tells so.
func quickLeaves(code string) string {
	return eachPlain(code, func(head, value, marshaller, whole string, nonNull bool) string {
		scalar := scalarOf(code, marshaller)
		switch {
		case scalar == "":
			return whole
		case !nonNull:
			return head + "\treturn ec." + marshaller + "(ctx, field.Selections, " + value + ")\n}\n"
		}
		return head + "\tv := " + value + "\n\tif leaf := " + scalar + "; leaf != graphql.Null {\n\t\treturn leaf\n\t}\n" + strings.TrimPrefix(whole, head)
	})
}

// quickObjects goes straight into an object that is part of its parent.
func quickObjects(code string) string {
	return eachPlain(code, func(head, value, marshaller, whole string, nonNull bool) string {
		object := objectOf(code, marshaller)
		if object == "" || !nonNull || strings.HasSuffix(value, ")") {
			return whole
		}
		name := plain.FindStringSubmatch(whole)[2]
		return head + "\tfc, err := ec.fieldContext" + name + "(ctx, field)\n\tif err != nil {\n\t\treturn graphql.Null\n\t}\n" +
			"\treturn ec._" + object + "(graphql.WithFieldContext(ctx, fc), field.Selections, &" + value + ")\n}\n"
	})
}

func eachPlain(code string, rewrite func(head, value, marshaller, whole string, nonNull bool) string) string {
	return plain.ReplaceAllStringFunc(code, func(whole string) string {
		part := plain.FindStringSubmatch(whole)
		return rewrite(part[1], part[3], part[4], whole, part[5] == "true")
	})
}

// scalarOf is the expression by which a marshaller writes the scalar v; "" for marshallers of other things.
func scalarOf(code, marshaller string) string {
	writes := regexp.MustCompile(`\) ` + regexp.QuoteMeta(marshaller) + `\(ctx context\.Context, sel ast\.SelectionSet, v .*\{\n(?:\tif v == nil \{\n.*\n\t\}\n)?\t_ = sel\n(?:\t_ = ctx\n)?\tres := (.*)\n`)
	if found := writes.FindStringSubmatch(code); found != nil {
		return found[1]
	}
	return ""
}
