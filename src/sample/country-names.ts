/** The countries of gapminder.json as Japanese readers know them. */
export const countryNames: Record<string, string> = {
  China: "中国", India: "インド", "United States": "アメリカ", Indonesia: "インドネシア", Brazil: "ブラジル", Pakistan: "パキスタン",
  Bangladesh: "バングラデシュ", Nigeria: "ナイジェリア", Japan: "日本", Mexico: "メキシコ", Philippines: "フィリピン", Germany: "ドイツ",
  Egypt: "エジプト", Iran: "イラン", Turkey: "トルコ", France: "フランス", "United Kingdom": "イギリス", Italy: "イタリア",
  "South Korea": "韓国", "South Africa": "南アフリカ", Colombia: "コロンビア", Spain: "スペイン", Argentina: "アルゼンチン", Poland: "ポーランド",
  Kenya: "ケニア", Canada: "カナダ", Afghanistan: "アフガニスタン", Peru: "ペルー", Iraq: "イラク", "Saudi Arabia": "サウジアラビア",
  Venezuela: "ベネズエラ", "North Korea": "北朝鮮", Australia: "オーストラリア", Netherlands: "オランダ", Chile: "チリ", Rwanda: "ルワンダ",
  Israel: "イスラエル", Lebanon: "レバノン", "New Zealand": "ニュージーランド", "Hong Kong, China": "香港", Greece: "ギリシャ", Portugal: "ポルトガル",
  Belgium: "ベルギー", Austria: "オーストリア", Switzerland: "スイス", Ecuador: "エクアドル", Cuba: "キューバ", Bolivia: "ボリビア",
  Haiti: "ハイチ", "Dominican Republic": "ドミニカ共和国", "El Salvador": "エルサルバドル", "Costa Rica": "コスタリカ", Jamaica: "ジャマイカ",
  Finland: "フィンランド", Norway: "ノルウェー", Croatia: "クロアチア", Georgia: "ジョージア", Ireland: "アイルランド", Iceland: "アイスランド",
  Bahamas: "バハマ", Barbados: "バルバドス", Grenada: "グレナダ",
};
