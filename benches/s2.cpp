// The farthest pair of cities by S2: a point index, asked for the city nearest to every antipode.
//
// Usage: s2 NPY. NPY holds unit vectors, rows of three f64, as `peers.py vectors` writes them. It
// prints one line of JSON: seconds to build, seconds to search, and the distance found in
// kilometres. Reading the file is not timed.
//
// S2ClosestPointQuery is S2's query for the nearest of many points; the city nearest to -p is the
// one farthest from p. One query object serves all antipodes, and `FindClosestPoint` asks for one
// result, which is S2's own advice. The answers are squared chords, so that the least of them needs
// one conversion at the end.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <s2/s2closest_point_query.h>
#include <s2/s2point_index.h>

namespace {

// The radius of the one distance, src/sphere.rs.
constexpr double kRadiusKm = 6371.0;

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// The vectors of a numpy file of version 1: ten bytes, of which the last two are the length of a
// header in text, then the rows. numpy.lib.format specifies it.
std::vector<S2Point> ReadVectors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  unsigned char start[10] = {};
  file.read(reinterpret_cast<char*>(start), sizeof start);
  if (!file || std::string(start, start + 6) != "\x93NUMPY" || start[6] != 1) {
    throw std::runtime_error(path + ": expected a numpy file of version 1");
  }
  std::string header(start[8] + 256 * start[9], ' ');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  if (header.find("'<f8'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos ||
      header.find(", 3)") == std::string::npos) {
    throw std::runtime_error(path + ": expected rows of three '<f8', found " + header);
  }
  std::vector<S2Point> vectors;
  double xyz[3];
  while (file.read(reinterpret_cast<char*>(xyz), sizeof xyz)) {
    vectors.emplace_back(xyz[0], xyz[1], xyz[2]);
  }
  return vectors;
}

void Run(const std::string& path) {
  const std::vector<S2Point> vectors = ReadVectors(path);

  auto begun = Clock::now();
  S2PointIndex<int32_t> index;
  for (size_t row = 0; row < vectors.size(); ++row) {
    index.Add(vectors[row], static_cast<int32_t>(row));
  }
  const double build_s = SecondsSince(begun);

  begun = Clock::now();
  S2ClosestPointQuery<int32_t> query(&index);
  S1ChordAngle least = S1ChordAngle::Infinity();
  for (const S2Point& vector : vectors) {
    S2ClosestPointQuery<int32_t>::PointTarget antipode(-vector);
    least = std::min<S1ChordAngle>(least, query.FindClosestPoint(&antipode).distance());
  }
  const double search_s = SecondsSince(begun);

  const double distance_km =
      kRadiusKm * (M_PI - 2.0 * std::asin(std::sqrt(least.length2()) / 2.0));
  std::printf(
      "{\"cities\": %zu, \"build_s\": %.9f, \"search_s\": %.9f, \"total_s\": %.9f, "
      "\"distance_km\": %.12f}\n",
      vectors.size(), build_s, search_s, build_s + search_s, distance_km);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "s2: expected NPY\n");
    return 2;
  }
  try {
    Run(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "s2: %s\n", error.what());
    return 1;
  }
}
