use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Builds a trie of prefix-free keys; the output of a key is on its last edge.
fn build(writer: &mut Writer<Vec<u8>>, keys: &[(Vec<u8>, u64)], depth: usize) -> u64 {
    if keys.len() == 1 && keys[0].0.len() == depth {
        writer.count_key();
        return LEAF;
    }
    let mut edges = Vec::new();
    for group in keys.chunk_by(|a, b| a.0[depth] == b.0[depth]) {
        let target = build(writer, group, depth + 1);
        let output = if target == LEAF { group[0].1 } else { 0 };
        edges.push(Edge {
            input: group[0].0[depth],
            output,
            target,
        });
    }
    writer.node(&edges).unwrap()
}

fn file(keys: &[(Vec<u8>, u64)]) -> Vec<u8> {
    let mut writer = Writer::file(Vec::new());
    let root = build(&mut writer, keys, 0);
    writer.finish_file(root).unwrap()
}

fn look_up(data: &[u8], key: &[u8]) -> Option<u64> {
    let mut node = open(data).ok()?;
    let mut sum = 0;
    for &input in key {
        let transition = find(data, node, input)?;
        (node, sum) = (transition.target, sum + transition.output);
    }
    (node == LEAF).then_some(sum)
}

/// Keys of equal length, which are prefix-free. Long keys lead to chains, many keys to nodes with many edges.
fn keys() -> impl Strategy<Value = BTreeMap<Vec<u8>, u64>> {
    let values = prop_oneof![Just(0_u64), 0..300_u64, any::<u32>().prop_map(u64::from)];
    (1_usize..6, 1_usize..300).prop_flat_map(move |(length, count)| {
        prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), length),
            values.clone(),
            1..=count,
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_are_valid_for_the_crate_and_read_alike(keys in keys()) {
        let sorted: Vec<(Vec<u8>, u64)> = keys.clone().into_iter().collect();
        let data = file(&sorted);
        let reference = fst::Map::new(data.clone()).unwrap();
        reference.as_fst().verify().unwrap();
        prop_assert_eq!(reference.len(), keys.len());
        for (key, value) in &keys {
            prop_assert_eq!(reference.get(key), Some(*value));
            prop_assert_eq!(look_up(&data, key), Some(*value));
            let mut other = key.clone();
            other[0] ^= 1;
            prop_assert_eq!(reference.get(&other), look_up(&data, &other));
        }
        let mut inputs = Vec::new();
        for_each_edge(&data, open(&data).unwrap(), &mut |edge, _| { inputs.push(edge.input); Some(()) }).unwrap();
        let mut expected: Vec<u8> = keys.keys().map(|key| key[0]).collect();
        expected.dedup();
        prop_assert_eq!(inputs, expected);
    }

    #[test]
    fn concatenated_parts_make_a_valid_file(keys in keys()) {
        let sorted: Vec<(Vec<u8>, u64)> = keys.into_iter().collect();
        let mut whole = Writer::file(Vec::new());
        let mut edges = Vec::new();
        for group in sorted.chunk_by(|a, b| a.0[0] == b.0[0]) {
            let mut part = Writer::part(Vec::new());
            let target = build(&mut part, group, 1);
            let (bytes, part) = part.finish_part().unwrap();
            let shift = whole.shift();
            whole.append(&part, &mut &bytes[..]).unwrap();
            let output = if target == LEAF { group[0].1 } else { 0 };
            let target = if target == LEAF { LEAF } else { target + shift };
            edges.push(Edge { input: group[0].0[0], output, target });
        }
        let root = whole.node(&edges).unwrap();
        let data = whole.finish_file(root).unwrap();
        let reference = fst::Map::new(data.clone()).unwrap();
        reference.as_fst().verify().unwrap();
        for (key, value) in &sorted {
            prop_assert_eq!(reference.get(key), Some(*value));
            prop_assert_eq!(look_up(&data, key), Some(*value));
        }
    }

    #[test]
    fn damage_never_panics_and_every_walk_ends(keys in keys(), position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let sorted: Vec<(Vec<u8>, u64)> = keys.into_iter().collect();
        let mut data = file(&sorted);
        let position = position.index(data.len());
        data[position] = byte;
        if open(&data).is_ok() {
            for (key, _) in &sorted {
                // The result may be wrong; the look-up must return.
                let _ = look_up(&data, key);
            }
        }
        prop_assert!(open(&data[..data.len().min(35)]).is_err());
    }
}
