"""farthest as Spack builds it, from a checkout: spack repo add slurm/spack && spack dev-build farthest@develop"""

from spack.package import *


class Farthest(Package):
    """Find the farthest pair of cities on Earth: exactly, at any scale, on any number of MPI ranks."""

    license("MIT OR Apache-2.0")

    version("develop")

    depends_on("c", type="build")
    depends_on("rust@1.95:", type="build")
    # bindgen reads mpi.h with libclang.
    depends_on("llvm+clang", type="build")
    depends_on("mpi")

    def setup_build_environment(self, env):
        env.set("MPICC", self.spec["mpi"].mpicc)
        env.set("LIBCLANG_PATH", self.spec["llvm"].prefix.lib)

    def install(self, spec, prefix):
        which("cargo")("build", "--release", "--locked", "--bin", "farthest")
        Executable("scripts/install")(prefix, "--farthest", "target/release/farthest")
