package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// warmUp goes before every round, so that caches, connections and the once-a-minute note of a session's use are behind it.
const warmUp = 700 * time.Millisecond

// side is one of the two that take turns.
type side struct {
	of   *child
	in   town
	load *load
}

// duel is what came of rounds in turns.
type duel struct {
	floor, product float64 // medians, per second
	// ratio is the median of the ratios of neighbouring rounds: what disturbs the machine for longer than a pair of rounds
	// disturbs both.
	ratio float64
	// slowest is the median of the product's 99th percentiles.
	slowest time.Duration
	// work is what one answer costs, in processor time of server and database.
	floorWork, productWork time.Duration
}

// turns runs pairs of rounds: floor, product, floor, product, …
func turns(ctx context.Context, s settings, name string, floor, product side) (duel, error) {
	var floors, products, ratios []float64
	var slowest, floorWork, productWork []time.Duration
	for range s.rounds {
		a, err := floor.round(ctx, s, "")
		if err != nil {
			return duel{}, fmt.Errorf("floor of %s: %w", name, err)
		}
		b, err := product.round(ctx, s, name)
		if err != nil {
			return duel{}, fmt.Errorf("%s: %w", name, err)
		}
		floors, products = append(floors, a.perSecond), append(products, b.perSecond)
		ratios, slowest = append(ratios, b.perSecond/a.perSecond), append(slowest, b.slowest)
		floorWork, productWork = append(floorWork, a.work), append(productWork, b.work)
	}
	return duel{
		floor: median(floors), product: median(products), ratio: median(ratios), slowest: median(slowest),
		floorWork: median(floorWork), productWork: median(productWork),
	}, nil
}

// round warms up and measures; with a name it takes a profile where one is asked for.
func (s side) round(ctx context.Context, how settings, name string) (tally, error) {
	if err := ctx.Err(); err != nil {
		return tally{}, err
	}
	if _, err := s.load.drive(warmUp); err != nil {
		return tally{}, err
	}
	before, err := s.of.worked(s.in)
	if err != nil {
		return tally{}, err
	}
	result, err := s.measure(ctx, how, name)
	if err != nil {
		return tally{}, err
	}
	after, err := s.of.worked(s.in)
	result.work = (after - before) / time.Duration(result.answers)
	return result, err
}

func (s side) measure(ctx context.Context, how settings, name string) (tally, error) {
	if how.profile == "" || name == "" {
		return s.load.drive(how.length)
	}
	saved := make(chan error, 1)
	go func() { saved <- s.of.profile(ctx, how.profile, name, how.length) }()
	result, err := s.load.drive(how.length + 200*time.Millisecond)
	return result, errors.Join(err, <-saved)
}

// median is the middle one, of an even number the lower of the two.
func median[N cmp.Ordered](all []N) N {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2]
}
