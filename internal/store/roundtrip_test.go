package store_test

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// A trip is what is saved of a domain type, and loaded again. Every field of T is filled by itself, so that a field that
// nobody gave a column fails here.
type trip[T any] struct {
	// fit puts what the database holds to a rule, such as ids of other rows, in place of what was filled in.
	fit func(v *T, o identity.Organisation)
	// apart names the fields that are worked out, or saved by statements of their own.
	apart []string
	save  func(ctx context.Context, s *store.Scope, v T) error
	load  func(ctx context.Context, db testrig.Database, s *store.Scope, v T) (T, error)
	// change saves over what is there; fixed names the fields that it leaves. nil: the type never changes as a whole.
	change func(ctx context.Context, s *store.Scope, v T) error
	fixed  []string
}

func (trip trip[T]) run(t *testing.T) {
	t.Helper()
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		full := trip.filled(addOrganisation(t, db, "p", 1), 0)
		trip.check(t, db, full, full, trip.save)
	})
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		bare := stripped(trip.filled(addOrganisation(t, db, "p", 1), 0))
		trip.check(t, db, bare, bare, trip.save)
	})
	if trip.change == nil {
		return
	}
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		bare, full := stripped(trip.filled(o, 0)), trip.filled(o, 100)
		trip.check(t, db, bare, bare, trip.save)
		trip.check(t, db, full, with(full, bare, trip.fixed), trip.change)
		trip.check(t, db, bare, bare, trip.change)
	})
}

func (trip trip[T]) check(t *testing.T, db testrig.Database, saved, want T, save func(context.Context, *store.Scope, T) error) {
	t.Helper()
	across := identity.AcrossPortal("p")
	within(t, db, across, func(ctx context.Context, s *store.Scope) error { return save(ctx, s, saved) })
	read(t, db, across, func(ctx context.Context, s *store.Scope) error {
		got, err := trip.load(ctx, db, s, saved)
		var none T
		got, want := with(got, none, trip.apart), with(want, none, trip.apart)
		if difference := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{}), cmp.Comparer(sameInstant)); difference != "" {
			t.Errorf("loaded another %T than was saved (-saved +loaded):\n%s", want, difference)
		}
		return err
	})
}

// sameInstant asks for the same zone too: instants are in UTC.
func sameInstant(a, b time.Time) bool { return a == b }

func (trip trip[T]) filled(o identity.Organisation, number int) T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), &number)
	trip.fit(&v, o)
	return v
}

// fill sets every field to something that isn't its zero value and that no other field has.
func fill(v reflect.Value, number *int) {
	*number++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(noon.Add(time.Duration(*number) * (time.Hour + time.Microsecond))))
		return
	case v.Type() == reflect.TypeFor[[]byte]():
		v.SetBytes(hash(*number))
		return
	case v.Type() == reflect.TypeFor[netip.Prefix]():
		v.Set(reflect.ValueOf(netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(*number)}), 32)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint(v.Type().Name(), *number, `, 'é' \ \? % _ ? ?0 $1 ☃`))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*number))
	case reflect.Uint32:
		v.SetUint(uint64(*number)) //nolint:gosec // it counts fields
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), number)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), number)
		fill(v.Index(1), number)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{fmt.Sprint("key ", *number): "<&'\"\\\n☃>", "a": ""}))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), number)
		}
	default:
		panic("fill: teach me " + v.Type().String())
	}
}

// stripped takes away what may be missing.
func stripped[T any](v T) T {
	strip(reflect.ValueOf(&v).Elem())
	return v
}

func strip(fields reflect.Value) {
	for i := range fields.NumField() {
		switch field := fields.Field(i); {
		case field.Kind() == reflect.Pointer, field.Kind() == reflect.Slice, field.Kind() == reflect.Map:
			field.SetZero()
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[time.Time]():
			strip(field)
		}
	}
}

// with takes the named fields from another value.
func with[T any](v, from T, names []string) T {
	fields := reflect.ValueOf(&v).Elem()
	for _, name := range names {
		fields.FieldByName(name).Set(reflect.ValueOf(from).FieldByName(name))
	}
	return v
}
