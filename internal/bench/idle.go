package main

import (
	"context"
	"time"
)

// starts is how often the product is started.
const starts = 5

// rest is how long after its start a process counts as idle.
const rest = 3 * time.Second

// measureIdle starts the product a few times, to its first «ready», and looks at its memory once it has nothing to do.
func measureIdle(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, small)
	if err != nil {
		return err
	}
	var took, kept []float64
	for range starts {
		product, err := b.startProduct(ctx, t)
		if err != nil {
			return err
		}
		took = append(took, float64(product.started.Microseconds())/1000)
		time.Sleep(rest)
		memory, err := product.memory(memoryNow)
		product.stop()
		if err != nil {
			return err
		}
		kept = append(kept, memory)
	}
	b.table.limit("(f) start", database, median(took), 150, "ms")
	b.table.limit("(f) idle memory", database, median(kept), 45, "MiB")
	return nil
}
