//! Runs files of `farthest scaling`, damaged in many ways.
