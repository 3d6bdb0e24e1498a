//! Names of languages, as files and columns carry them: `de`, `deu`, `pt-br`, `zh_Hans`, `EN-GB`, and Moses' `src` and `tgt`.

/// Codes of ISO 639 that corpora use; those of one language stand together, separated by spaces.
const CODES: &str = "\
    aa aar, ab abk, ae ave, af afr, ak aka, am amh, an arg, ar ara, as asm, av ava, ay aym, az aze, ba, be bel, \
    bg bul, bi bis, bm bam, bn ben, bo bod tib, br bre, bs bos, ca cat, ce che, ch cha, co cos, cr cre, cs ces cze, \
    cu chu, cv chv, cy cym wel, da dan, de deu ger, dv div, dz dzo, ee ewe, el ell gre, en eng, eo epo, es spa, et est, \
    eu eus baq, fa fas pes, ff ful, fi fin, fj fij, fo fao, fr fra fre, fy fry, ga gle, gd gla, gl glg, gn grn, \
    gu guj, gv glv, ha hau, he heb iw, hi hin, ho hmo, hr hrv, ht hat, hu hun, hy hye arm, hz her, ia ina, id ind in, \
    ie ile, ig ibo, ii iii, ik ipk, io ido, is isl ice, it ita, iu iku, ja jpn jp, jv jav jw, ka kat geo, kg kon, ki kik, \
    kj kua, kk kaz, kl kal, km khm, kn kan, ko kor, kr kau, ks kas, ku kur, kv kom, kw cor, ky kir, la lat, lb ltz, \
    lg lug, li lim, ln lin, lo lao, lt lit, lu lub, lv lav, mg mlg, mh mah, mi mri mao, mk mkd, ml mal, mn mon, \
    mr mar, ms msa zsm, mt mlt, my mya bur, na nau, nb nob, nd nde, ne nep npi, ng ndo, nl nld dut, nn nno, no nor, \
    nr nbl, nv nav, ny nya, oc oci, oj oji, om orm, or ori ory, os oss, pa pan, pi pli, pl pol, ps pus, pt por, qu que, \
    rm roh, rn run, ro ron rum, ru rus, rw kin, sa san, sc srd, sd snd, se sme, sg sag, si sin, sk slk slo, sl slv, \
    sm smo, sn sna, so som, sq sqi alb, sr srp, ss ssw, st sot, su sun, sv swe, sw swa swh, ta tam, te tel, tg tgk, \
    th tha, ti tir, tk tuk, tl tgl fil, tn tsn, to ton, tr tur, ts tso, tt tat, tw twi, ty tah, ug uig, uk ukr, ur urd, \
    uz uzb uzn, ve ven, vi vie, vo vol, wa wln, wo wol, xh xho, yi yid ji, yo yor, za zha, zh zho chi cmn, zu zul, yue, \
    hsb, dsb, nds, gsw, ast, ceb, ckb, kmr, arz, arb, azj, als, lvs, quy, plt, khk, ydd, war, szl, scn, vec, lij, lmo, \
    fur, ltg, sat, mai, bho, mni, kab, ber, tzm, tpi, luo, kam, kmb, umb, lus, grc, ang, tlh, jbo, sah, crh, bar, pap, \
    pag, ilo, ban, bug, ace, bjn, shn, awa, mag, hne, kac, dik, nus, fon, fuv, bem, cjk, dyu, kbp, knc, mos, tum, \
    gom, prs, pbt, taq, apc, ajp, acm, acq, aeb, ars, ary";

/// Names that stand for the side instead of the language, the source first.
const SIDES: [&str; 5] = ["source", "src", "target", "tgt", "trg"];

/// A language in one spelling: `PT_br` and `pt-BR` are the same.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// All codes of a language, given one of them.
fn codes_of(code: &str) -> Option<&'static str> {
    CODES
        .split(',')
        .map(str::trim)
        .find(|codes| codes.split(' ').any(|known| known == code))
}

/// Whether a part of a name is a language: a code, alone or with a script or a region, or a side.
pub(crate) fn is_language(name: &str) -> bool {
    let name = plain(name);
    let mut subtags = name.split('-');
    let code = subtags.next().unwrap_or_default();
    let is_subtag = |subtag: &str| {
        (2..=4).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    SIDES.contains(&name.as_str()) || (codes_of(code).is_some() && subtags.all(is_subtag))
}

/// Which of the languages `found` is the one that was asked for: the same name, else the only one of the same code.
pub(crate) fn choose<'f>(asked: &str, found: &[&'f str]) -> Option<&'f str> {
    let same = |name: &&&str| plain(name) == plain(asked);
    let code = |name: &str| {
        let name = plain(name);
        let code = name.split('-').next().unwrap_or_default().to_owned();
        codes_of(&code).map_or(code, str::to_owned)
    };
    found.iter().find(same).copied().or_else(|| {
        let mut alike = found.iter().filter(|name| code(name) == code(asked));
        match (alike.next(), alike.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_scripts_regions_and_sides_are_languages() {
        for name in [
            "de", "deu", "ger", "DE", "pt-br", "pt_BR", "zh_Hans", "eng_Latn", "tgt", "SRC",
        ] {
            assert!(is_language(name), "{name}");
        }
        for name in [
            "txt",
            "gz",
            "md",
            "rs",
            "tok",
            "",
            "de-",
            "-",
            "log",
            "de-something",
            "train",
        ] {
            assert!(!is_language(name), "{name}");
        }
    }

    #[test]
    fn a_language_is_found_by_any_of_its_codes() {
        let found = ["deu", "EN", "pt-BR", "pt-PT", "zh_Hans"];
        let chosen = |asked| choose(asked, &found);
        assert_eq!(chosen("de"), Some("deu"));
        assert_eq!(chosen("eng"), Some("EN"));
        assert_eq!(chosen("zh"), Some("zh_Hans"));
        assert_eq!(chosen("pt_br"), Some("pt-BR"));
        // Two are possible, or none.
        assert_eq!(chosen("pt"), None);
        assert_eq!(chosen("fr"), None);
    }
}
