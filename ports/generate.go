package ports

// The generator's version is pinned in tools/go.mod, apart from the module's
// own requirements, so that those who import streamlease do not carry it.

//go:generate go tool -modfile=../tools/go.mod mockgen -source=source.go -destination=portsmock/source.go -package=portsmock -write_package_comment=false
//go:generate go tool -modfile=../tools/go.mod mockgen -source=leases.go -destination=portsmock/leases.go -package=portsmock -write_package_comment=false
//go:generate go tool -modfile=../tools/go.mod mockgen -source=notifier.go -destination=portsmock/notifier.go -package=portsmock -write_package_comment=false
//go:generate go tool -modfile=../tools/go.mod mockgen -source=checkpoints.go -destination=portsmock/checkpoints.go -package=portsmock -write_package_comment=false
