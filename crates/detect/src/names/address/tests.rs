//! Addresses of many countries, and what is none.

use crate::EntityType;
use crate::detectors::testing::finds;

const ADDRESS: EntityType = EntityType::StreetAddress;

#[track_caller]
fn finds_each(texts: &[&str]) {
    for text in texts {
        finds(ADDRESS, text, &[text]);
        finds(ADDRESS, &format!("Please send it to {text}. Thank you."), &[text]);
    }
}

#[test]
fn streets_with_a_number_are_addresses() {
    finds_each(&[
        "12 Main Street",
        "221b Baker Street",
        "1600 Pennsylvania Ave",
        "Hauptstraße 12",
        "Olympische Straße 3",
        "Rue de la Paix 5",
        "8 rue de Rivoli",
        "Via Garibaldi 17",
        "Calle de Alcalá 45",
        "Avenida da Liberdade 110",
        "Storgatan 5",
        "Vesterbrogade 3",
        "Prinsengracht 263",
        "Mannerheimintie 5",
        "ul. Długa 5",
        "Kossuth utca 12",
        "Οδός Ερμού 15",
    ]);
}

#[test]
fn letters_signs_and_flats_belong_to_the_house() {
    finds_each(&[
        "Hauptstraße 40 b, 33478 Leipzig",
        "151 bis, allée des Tilleuls, 16708 Paris",
        "9957 King's Court, Seattle, WA 98101",
        "9957 King’s Court #210, Seattle, WA 98101",
        "Calle Mayor nº 92, piso 2, 28013 Madrid",
        "C/ Alcalá nº 92, piso 2",
        "ul. Długa 75 m. 5, 57-616 Gdańsk",
        "Rua das Flores 64, 2.º Esq.\n1750-614 Lisboa",
    ]);
    finds(ADDRESS, "12 Main Street 40 a day", &["12 Main Street 40"]);
}

#[test]
fn nothing_behind_an_empty_line_belongs_to_it() {
    finds(ADDRESS, "12 Main Street\n\nParis 12345 is nice", &["12 Main Street"]);
    finds(ADDRESS, "12 Main Street\r\n\r\nSpringfield, IL 62704", &["12 Main Street"]);
}

#[test]
fn the_house_the_town_and_the_code_belong_to_it() {
    finds_each(&[
        "12 Main Street, Apt. 4B, Springfield, IL 62704",
        "12 Main Street\nSuite 300\nSpringfield, IL 62704-1234",
        "10 Downing Street, London SW1A 2AA",
        "Hauptstraße 12, 10115 Berlin",
        "Damrak 1, 1012 LG Amsterdam",
        "301 Front Street West, Toronto, ON M5V 2T6",
        "8 rue de Rivoli, 75004 Paris",
        "P.O. Box 123, Springfield, IL 62704",
        "Postfach 1234, 60311 Frankfurt",
        "PSC 1234, Box 5678\nAPO AE 09021",
    ]);
    finds(
        ADDRESS,
        "> 12 Main Street\n> Suite 5\n> Springfield\n> United States 62704\n> bye",
        &["12 Main Street\n> Suite 5\n> Springfield\n> United States 62704"],
    );
}

#[test]
fn a_whole_tail_makes_a_street_of_any_name() {
    finds_each(&[
        "417 Wren Junctions, Port Ellenfort, RI 40817",
        "20931 Marlow Stravenue, Lake Owen, CO 80199-0021",
        "58 Hobart Spurs Suite 204\nEast Pelham, WV 26101",
        "61220 Tilden Forges Apt. 31, Port Anna, NY 11755",
        "9 Quillmore, Springfield, Illinois 62704",
        "17 Alder Village, North Pelham, NE91 4ZQ",
        "Studio 12, Alder Station, South Pelham, HG4 1AQ",
        "Studio 12\nAlder Station\nSouth Pelham\nHG4 1AQ",
        "Flat 5, 12 High Street, London SW1A 2AA",
        "75 Alder Route\nAnnastad\nE81 4AE",
        "5087 Tilden Inlet\nEast Pelham, NB E3J4L9",
        "5087 Tilden Inlet, East Pelham, ON M5V 2T6",
        "6 Tilden Pocket, Port Ellen, NSW, 2955",
        "76, Alder Marg, Guna 475702",
        "USNV Keith, FPO AA 69325",
        "350 5th Ave, New York, NY 10118",
        "1234 N 5th St",
        "12/4 MG Road, Bengaluru 560001",
    ]);
    finds(
        ADDRESS,
        "{\"address\":\"61220 Tilden Roads Apt. 31, Port Anna, NY 11755\"}",
        &["61220 Tilden Roads Apt. 31, Port Anna, NY 11755"],
    );
    for text in [
        "417 Wren Junctions",
        "417 Wren Owens, Port Ellenfort",
        "417 Wren Owens, Port Ellenfort, RX 40817",
        "the 1st Place",
        "2 1st Place finishes",
        "3/4 Inch Drive",
        "In 1998 Apple Computer, Cupertino",
        "Unit 5, Alder Station",
        "12 June Monday, Paris, TX 75460",
        "2024 World Summit, Room 5",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn the_post_of_each_country_has_its_order() {
    finds_each(&[
        "Annapad 7, 2031KM, Schoorl",
        "Annaring 9, 4711 KN, Metslawier",
        "Annaboulevard 141, 4376 VA, Holsloot",
        "Canale Bassi, 86\n00167, Roma (RM)",
        "Pasaje de Elena Vidal 12, Tarragona, 35738",
        "Rotonda Bassi, 75, 03030, Colfelice (FR)",
        "3, place du Parvis\n67000 Strasbourg",
        "14 passage des Lilas, 75011 Paris",
        "ul. Długa 18/56, 75-314 Suwałki",
        "Lindenplatz 2/1\n3997 Eisenstadt",
        "Hauptstr. 31/97a, 30313 Bersenbrück",
        "C/ Gran Vía 12, 3º B, 28013 Madrid",
        "Glorieta Vidal 18 Puerta 9 , Tarragona, 17696",
        "Dlouhá 21, 660 62 Rokytnice nad Labem",
        "Annaweg 5, 5684 PZ, Son en Breugel",
        "Annapad 4\n9159 HH\nTytsjerk",
        "267, Bir Chowk, Dhule-407767",
        "12/4 MG Road, Bengaluru-560001",
        "H.No. 45\nBhandari Nagar\nKavali-303452",
        "H.No. 789, Nanda Chowk, Gudivada 578955",
        "Plot No. 12, Bhandari Nagar, Kavali 303452",
        "Rua Augusta, 61, Liberdade, 01310-100 Santos / SP",
    ]);
    finds(ADDRESS, "Please send the parcel to Annapad 7, 2031KM, Schoorl", &["Annapad 7, 2031KM, Schoorl"]);
    finds(ADDRESS, "Annapad 4\n9159 HH\nPhone: 12", &["Annapad 4\n9159 HH"]);
    finds(ADDRESS, "House No. 45\nis open", &[]);
    finds(ADDRESS, "a place of 3 places", &[]);
    finds(ADDRESS, "return to Jahu 80, please", &["Jahu 80"]);
    finds(ADDRESS, "she lives at Baker Street 12, near us", &["Baker Street 12"]);
    finds(ADDRESS, "Baker Street 1969, 10115 London", &["Baker Street 1969, 10115 London"]);
}

#[test]
fn addresses_of_east_asia_go_from_the_largest_place_to_the_house() {
    finds_each(&[
        "東京都千代田区丸の内1-1-1",
        "大阪府大阪市北区梅田3−1−3",
        "北海道札幌市中央区北1条西2丁目",
        "神奈川県横浜市西区本町2丁目3番4号",
        "北京市朝阳区建国路88号",
        "上海市浦东新区世纪大道100号",
        "广东省深圳市南山区科技园路1号2号楼301室",
        "서울특별시 강남구 테헤란로 152",
        "경기도 성남시 분당구 판교역로 235-1",
        "서울특별시 강남구 테헤란로 152 (역삼동)",
        "東京都千代田区丸の内1丁目2番3号 シティ丸の内305",
    ]);
    finds(ADDRESS, "住所は東京都千代田区丸の内1-1-1です", &["東京都千代田区丸の内1-1-1"]);
    finds(ADDRESS, "我住在北京市朝阳区建国路88号。", &["北京市朝阳区建国路88号"]);
    for text in [
        "東京都の人口は1400万人",
        "東京都千代田区の人口は6万人",
        "北京市2024年",
        "北京市地铁1号线",
        "서울시 강남구 버스로 10분",
        "서울시 인구 950만",
        "도로 152",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn without_a_kind_it_takes_more() {
    finds(ADDRESS, "she lives at 641 Dašická 688, near us", &["641 Dašická 688"]);
    finds(ADDRESS, "Aqqusinersuaq 176\nSuite 487", &["Aqqusinersuaq 176\nSuite 487"]);
    finds(ADDRESS, "5 hello apt. 7\nberlin", &[]);
}

#[test]
fn small_letters_are_read_too() {
    finds(ADDRESS, "ship it to 42 elm street, apt 5", &["42 elm street, apt 5"]);
    finds(ADDRESS, "unit 4526 box 671\ndpo ap 40902", &["unit 4526 box 671\ndpo ap 40902"]);
}

#[test]
fn near_misses_pass() {
    for text in [
        "The mill was built in 1846, sold 26 June 2015 to the town",
        "founded 1846, sold 26 august 2015",
        "In 2012 Wall Street recovered.",
        "5 people on the street",
        "the road was 20 km long",
        "Chapter 12",
        "March 5, 2024",
        "Windows 10",
        "version 2.0 of Street View",
        "15 March 2012",
        "Spring 2024",
        "Katie 3",
        "iPhone 15 Pro Max",
        "int road = 5;",
        "street[3] = 7",
        "Main Street",
        "Abbey Road 1969",
        "They recorded Abbey Road 1969 in London",
        "Wall Street 2",
        "USB Drive 64",
        "Google Drive 2023",
        "let nameStr 12",
        "mapStr 100",
        "room 12",
        "1 Kings 3",
        "call 555 1234",
        "Unit 5 failed",
        "USS Enterprise",
        "10 downing",
        "let street = 12;",
        "1991-1997, Thomas G. Lane.",
        "Copyright (C) 2021 - 2025, Joshua E. Hill",
        "route 66 Main Street festival",
        "Copyright 2015,2016,2017 Jane Doe",
        "return None, 302",
        "Return the raw ASN.1",
        "a valid RFC 4007 scoped",
        "served via PEP 658",
        "starting TLS 1.2 only",
        "sum in output lane 0",
        "result lane 0",
        "128-bit Karatsuba Square Root",
        "steps 4 through 7 of FIPS 186-4",
        "between 0 and 3,600,000,000 values",
        "haystack foo 123 bar 456 quux 789",
        "Root Class 3 CA 2 EV 2009",
        "lat 48,8584 lon 2,2945",
        "Midnight, 1 January, 1970 (UTC).",
        "In MSVC 15 (2017) MS once again changed",
        "Python 3, 2000 AD",
        "Unit 12\nAlder Station\nSouth Pelham",
        "Copyright: 1991-1997, Thomas G. Lane\n  1996-1997, Agner Fog",
        "pub const HAND: LPCWSTR = 32649 as LPCWSTR;",
        "1995-1998, Thomas G. Lane\n  2009, 2011",
        "1. Via the network",
        "C/C++ 11",
        "c / total 12",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn flats_codes_and_signs_of_many_countries_belong_to_the_address() {
    finds_each(&[
        "9592 42nd Ave #93, Brooklyn, NY 11215",
        "736 N Chestnut Cir #78, Mesa, AZ 85201-1234",
        "Gartenstrasse 60a, D-70173 Stuttgart",
        "Prinsenkade 326, B-2000 Antwerpen",
        "Molenstraat 212 hs, 3511 LX Utrecht",
        "Plaza de España n.º 36, 28001 Madrid",
        "C/ Mayor n.º 40, 2-1, 41004 Sevilla",
        "Storgatan 7 A 12, 00100 Helsinki",
        "R. Sete de Setembro, 2143, Rio de Janeiro - RJ, 22021-001",
        "Rua Augusta, 2829 - Centro, Rio de Janeiro - RJ, 22021-001",
        "Avenida Atlântica, 721, apto 52, São Paulo - SP, 01310-100",
        "Plot No. 21, 90, Sector 15, Mumbai - 400050",
        "Plot No. 21, 71, MG Road, Bengaluru 560038",
    ]);
}

#[test]
fn streets_in_the_small_letters_of_a_chat_are_addresses() {
    for (text, address) in [
        ("my new place is 5326 chestnut court lol", "5326 chestnut court"),
        ("im at 7531 harbor st rn come over", "7531 harbor st"),
        ("whats the fastest way from 5380 willow blvd to the airport", "5380 willow blvd"),
        ("he lives at 5955 lakeview drive", "5955 lakeview drive"),
        ("ship it to 8417 harbor ln apt 16, mesa, az 85201-1234 pls", "8417 harbor ln apt 16, mesa, az 85201-1234"),
        ("he lives at flat 16, 99 mill terrace, leeds ls1 4dt", "flat 16, 99 mill terrace, leeds ls1 4dt"),
        ("at 12/129 collins parade, brisbane qld 4000 now", "12/129 collins parade, brisbane qld 4000"),
        (
            "ship to 3197 martin luther king jr st, boise, id 83702 pls",
            "3197 martin luther king jr st, boise, id 83702",
        ),
        ("he lives at 1595 42nd lane #16, austin, tx 78701", "1595 42nd lane #16, austin, tx 78701"),
        (
            "he lives at 9926 sw chestnut st #13, springfield, il 62704",
            "9926 sw chestnut st #13, springfield, il 62704",
        ),
    ] {
        finds(ADDRESS, text, &[address]);
    }
    for text in [
        "the new disk is 500 gigabyte drive",
        "it is 12 the road to success",
        "there were 300 basketball court bookings",
        "a 10 way switch",
        "a 3/4 inch square drive",
        "unit 3, 12 tests passed",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn laws_reports_songs_and_areas_are_none() {
    for text in [
        "8 Public Law 104–35 (1986)",
        "410 U.S. 113, 93 S. Ct. 296, 35 L. Ed. 2d 790",
        "Chapter 7, Boulevard of Broken Dreams, 4:20 long",
        "75,000 square feet are let on the 16th",
        "under r the Apache 2",
        "IE 11 (#1621), Safari 8 (#1929), and so on",
        "R. Kelly, 4 albums",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn places_in_a_table_and_ways_are_no_streets() {
    for text in [
        "Tabellenplatz 11",
        "Startplatz 34, Sitzplatz 12",
        "Rückweg 12 km",
        "Arbeitsplatz 3",
        "der Feldweg 12 km weit",
        "84 Square metres",
        "Square Feet 12",
        "Art. 6 GDPR, 160 U.S. 707",
        "Art. 36 GDPR, 160 U",
    ] {
        finds(ADDRESS, text, &[]);
    }
    for text in ["Lindenplatz 11", "Feldweg 12", "Startweg 4"] {
        finds(ADDRESS, text, &[text]);
    }
}

#[test]
fn a_label_may_stand_right_before_a_street() {
    for text in
        ["Adresse:Lindenstraße 12", "LOCATION:Lindenstraße 12", "x, Adresse:Lindenstraße 12", "\"adr:Lindenstraße 12\""]
    {
        finds(ADDRESS, text, &["Lindenstraße 12"]);
    }
    finds(ADDRESS, "Adres:ul. Długa 12", &["ul. Długa 12"]);
    finds(ADDRESS, "LOCATION:153 Victoria Road", &["153 Victoria Road"]);
    finds(ADDRESS, "Adresse:12 rue de la Paix", &["12 rue de la Paix"]);
    finds(ADDRESS, "Dirección:Calle Mayor 12", &["Calle Mayor 12"]);
    for text in [
        "http://host:80 Main",
        "foo::Lindenstraße 12",
        "a/b:Lindenstraße 12",
        "x.y:Lindenstraße 12",
        "at:12 Drive",
        "12:30 Hill Street View",
        "file.c:12 main street",
    ] {
        finds(ADDRESS, text, &[]);
    }
}

#[test]
fn short_forms_of_kinds_are_known_by_their_stop() {
    finds_each(&[
        "P.zza Duomo 12",
        "P.za San Marco, 3",
        "V.le Trastevere 20",
        "C.so Italia 45",
        "L.go Argentina 4",
        "al. Jerozolimskie 12",
        "al. Róż 3",
        "pl. Zbawiciela 5",
        "os. Tysiąclecia 12/45",
        "ul. 3 Maja 7",
        "ul. 11 Listopada 5",
        "Via 25 Aprile 12",
        "Calle 2 de Mayo 4",
        "Pza. España 3",
        "Pº de la Castellana 100",
        "Ctra. de Toledo 12",
        "R. do Ouro, 25",
        "Lg. do Chiado 8",
        "nám. Míru 5",
        "nábř. Edvarda Beneše 5",
        "Václavské náměstí 12",
        "12 pl. de la République",
        "3 imp. des Lilas",
        "7 ch. des Vignes",
        "Stora Torget 1",
        "Laan van Meerdervoort 100",
        "Prinsengracht 263-II",
    ]);
    for text in [
        "Smith et al. Nature 12",
        "ch. Introduction 3",
        "all. Cells 5",
        "see pl. 5",
        "pl. IV 5",
        "R. Smith 12",
        "R. da 12",
        "via 2 Nodes 3",
        "P.le 12",
        "C.so 12 Nodes",
        "rue 2 fois 3",
        "Largo 5 Cm 3",
    ] {
        finds(ADDRESS, text, &[]);
    }
}
