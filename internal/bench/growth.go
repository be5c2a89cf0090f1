package main

import "context"

// measureGrowth compares the product with itself: among a thousand users, and among a million. As many people ask in both,
// but in the larger town they live all over it.
func measureGrowth(ctx context.Context, b *bench, database string) error {
	few, err := b.town(ctx, database, small)
	if err != nil {
		return err
	}
	many, err := b.town(ctx, database, census{
		name: "large", organisations: b.large / small.size, size: small.size, factors: small.factors,
	})
	if err != nil {
		return err
	}
	before, err := b.startProduct(ctx, few)
	if err != nil {
		return err
	}
	defer before.stop()
	after, err := b.startProduct(ctx, many)
	if err != nil {
		return err
	}
	defer after.stop()
	for _, one := range []struct {
		name, label string
		load        func(town, *child) *load
	}{
		{"session", "(e) growth of (a)", sessionLoad},
		{"list", "(e) growth of (b)", listLoad},
	} {
		result, err := turns(ctx, b.settings, "growth-"+one.name+"-"+database,
			side{before, few, one.load(few, before)}, side{after, many, one.load(many, after)})
		if err != nil {
			return err
		}
		b.table.growth(one.label, database, result, 1.15)
	}
	return nil
}
