//! tmp
mod common;
use common::Random;
use farthest::metric::{Ellipsoid, Metric};

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("not a number in a golden file: {text:?}"))
}

#[test]
fn golden() {
    let mut worst: std::collections::BTreeMap<String, (f64, String)> = Default::default();
    for line in include_str!("golden/geodesic.tsv").lines().skip(1) {
        let f: Vec<&str> = line.split('\t').collect();
        let e = Ellipsoid::new(number(f[1]), number(f[2])).unwrap();
        let p = e.vector(number(f[3]), number(f[4]));
        let q = e.vector(number(f[5]), number(f[6]));
        let km = e.geodesic_km(p, q);
        assert_eq!(km.to_bits(), e.geodesic_km(q, p).to_bits());
        let error = ((km - number(f[7])) - number(f[8])).abs();
        let entry = worst.entry(f[0].to_string()).or_default();
        if !(error <= entry.0) { *entry = (error, line.to_string()); }
        assert!(e.most_km(p,q) >= e.distance_km(p,q));
    }
    for (k, v) in worst { println!("{k:20} {:8.2} nm   {}", v.0 * 1e12, v.1); }
    let e = Ellipsoid::wgs84();
    println!("{} {} {} {}", e.half_meridian_km(), e.cut_km(), e.greatest_km(), e.resolution_km());
}
#[test]
fn speed() {
    let e = Ellipsoid::wgs84();
    let g = geographiclib_rs::Geodesic::wgs84();
    let mut r = Random::new(1);
    for kind in 0..4 {
        let pairs: Vec<_> = (0..100_000).map(|_| {
            let [a, b] = r.place();
            let size = [0.0, 3.0, 1e-2, 1.0][kind];
            let [c, d] = match kind { 0 => r.place(), 3 => [(a + r.between(-size, size)).clamp(-90., 90.), b + r.between(-size, size)], _ => [(-a + r.between(-size, size)).clamp(-90., 90.), b + 180.0 + r.between(-size, size)] };
            let d = if d > 360.0 { d - 360.0 } else if d < -180.0 { d + 360.0 } else { d };
            ([a, b], [c, d], e.vector(a, b), e.vector(c, d))
        }).collect();
        let t = std::time::Instant::now();
        let sum: f64 = pairs.iter().map(|x| e.geodesic_km(x.2, x.3)).sum();
        let ours = t.elapsed();
        let t = std::time::Instant::now();
        let sum2: f64 = pairs.iter().map(|x| { let d: f64 = geographiclib_rs::InverseGeodesic::inverse(&g, x.0[0], x.0[1], x.1[0], x.1[1]); d / 1000.0 }).sum();
        let theirs = t.elapsed();
        let t = std::time::Instant::now();
        let sum3: f64 = pairs.iter().map(|x| e.most_km(x.2, x.3)).sum();
        let bound = t.elapsed();
        let mut worst = 0.0f64;
        for x in &pairs { let d: f64 = geographiclib_rs::InverseGeodesic::inverse(&g, x.0[0], x.0[1], x.1[0], x.1[1]); let err = (d / 1000.0 - e.geodesic_km(x.2, x.3)).abs(); if !(err <= worst) {worst = err; } }
        println!("{kind}: ours {} theirs {} bound {} ns, worst {:.1} nm, {}", ours.as_nanos() / 100000, theirs.as_nanos()/100000, bound.as_nanos()/100000, worst*1e12, sum - sum2 + sum3*0.0);
    }
}
