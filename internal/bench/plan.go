package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// measurement is one line, or a few, of the table.
type measurement struct {
	name string
	run  func(ctx context.Context, b *bench, database string) error
}

// plan is everything, in order.
func plan() []measurement {
	return []measurement{
		{"session", measureSession},
		{"list", measureList},
		{"signin", measureSignIn},
		{"activation", measureActivation},
		{"import", measureImport},
		{"growth", measureGrowth},
		{"idle", measureIdle},
	}
}

func names() []string {
	var all []string
	for _, one := range plan() {
		all = append(all, one.name)
	}
	return all
}

func known(name string) bool { return slices.Contains(names(), name) }

// bench is a run.
type bench struct {
	settings
	land  land
	sink  *sink
	table table
	// product and floor begin the commands of the two processes.
	product, floor []string
	towns          map[string]town
}

//go:embed portal
var portals embed.FS

// measure runs the plan and prints the table, also of a run that broke off.
func measure(ctx context.Context, s settings) (err error) {
	b := &bench{settings: s, towns: map[string]town{}}
	if b.land, err = newLand(s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.land.leave()) }()
	if b.sink, err = openSink(); err != nil {
		return err
	}
	defer b.sink.close()
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer func() { b.table.print(os.Stdout) }()
	for _, database := range s.databases {
		for _, one := range plan() {
			if !s.wants(one.name) {
				continue
			}
			fmt.Fprintf(os.Stderr, "— %s, %s\n", one.name, database)
			if err := one.run(ctx, b, database); err != nil {
				return fmt.Errorf("measure %s on %s: %w", one.name, database, err)
			}
		}
	}
	return nil
}

// prepare builds the product and lays its portal out. Where profiles are asked for, the product is put together in this
// binary, for the real one shows none.
func (b *bench) prepare(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	b.floor, b.product = []string{self, "floor"}, []string{self, "product"}
	text, err := fs.ReadFile(portals, "portal/bench.yaml")
	if err != nil {
		return err
	}
	if err := os.Mkdir(b.portals(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.portals(), "bench.yaml"), text, 0o644); err != nil {
		return err
	}
	if b.profile != "" {
		return os.MkdirAll(b.profile, 0o755)
	}
	binary := filepath.Join(b.land.folder, "sleutelbos")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/sleutelbos/sleutelbos/cmd/sleutelbos")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the product: %w: %s", err, said)
	}
	b.product = []string{binary, "serve"}
	return nil
}

func (b *bench) portals() string { return filepath.Join(b.land.folder, "portals") }

// town answers a database of such people, built when it is first asked for.
func (b *bench) town(ctx context.Context, database string, c census) (town, error) {
	key := database + " " + c.name
	if built, there := b.towns[key]; there {
		return built, nil
	}
	fmt.Fprintf(os.Stderr, "  building %s: %d organisations of %d users\n", c.name, c.organisations, c.size)
	built, err := b.land.build(ctx, database, c)
	if err == nil {
		b.towns[key] = built
	}
	return built, err
}

// memory is how the product tunes its garbage collector (cmd/sleutelbos); the floors are given the same, and both what the
// environment says instead.
func memory() []string {
	limit := fmt.Sprintf("%dMiB", 46+19*runtime.GOMAXPROCS(0))
	return []string{"GOGC=" + cmp.Or(os.Getenv("GOGC"), "400"), "GOMEMLIMIT=" + cmp.Or(os.Getenv("GOMEMLIMIT"), limit)}
}

// startProduct starts the product on a town.
func (b *bench) startProduct(ctx context.Context, t town) (*child, error) {
	return start(ctx, func(address, internal string) (command, environment []string) {
		environment = []string{
			"SLEUTELBOS_LISTEN=" + address, "SLEUTELBOS_INTERNAL_LISTEN=" + internal, "SLEUTELBOS_DATABASE_URL=" + t.url,
			"SLEUTELBOS_PORTALS=" + b.portals(), "SLEUTELBOS_SMTP_URL=" + b.sink.url(),
			"SLEUTELBOS_SECRET_KEYS=bench:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		}
		if b.profile != "" || os.Getenv("GOGC")+os.Getenv("GOMEMLIMIT") != "" {
			environment = append(environment, memory()...)
		}
		return b.product, environment
	})
}

// startFloor starts the floors on a town.
func (b *bench) startFloor(ctx context.Context, t town) (*child, error) {
	return start(ctx, func(address, internal string) (command, environment []string) {
		return append(slices.Clone(b.floor), t.url, address, internal), memory()
	})
}

// pair starts both on a town. End stops them.
func (b *bench) pair(ctx context.Context, t town) (floor, product *child, end func(), err error) {
	if floor, err = b.startFloor(ctx, t); err != nil {
		return nil, nil, nil, err
	}
	if product, err = b.startProduct(ctx, t); err != nil {
		floor.stop()
		return nil, nil, nil, err
	}
	return floor, product, func() { product.stop(); floor.stop() }, nil
}
