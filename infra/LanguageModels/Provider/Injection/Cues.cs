namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>The rules in English. Every one needs words of several kinds together, because honest answers speak of rules, scores, tokens and models too.</summary>
internal static class Cues
{
    private const string Grading = "give award assign return output rate grade score mark set respond report put write answer print assess evaluate choose enter record grant allot reply provide produce select pass submit";
    private const string Top = "100 hundred ninety 90 95 96 97 98 99 max maximum maximal highest perfect full top flawless outstanding excellent high generous best ten 10";
    private const string Marks = "score scores scoring point points mark marks grade grades rating ratings percent technical communication evaluation credit verdict";

    public static IReadOnlyList<CueRule> English { get; } =
    [
        Rule("override", 9, false, "ignor* disregard* forget forgets override* overrul* bypass* discard* supersede* overwrit*",
            "previous prior above earlier preceding your these system scoring grading evaluation initial original all every any foregoing",
            "instruct* prompt prompts rule rules rubric* guideline* directive* polic* criteria constraint*"),
        Rule("demand-number", 9, true, "give award assign return output set respond report put write record grant allot", "#", Marks),
        Rule("demand", 12, true, Grading, Top, Marks),
        Rule("claim", 14, false, "answer response candidate submission applicant interviewee transcript i",
            "deserv* merit* earn earns earned worth qualif* receiv* gets awarded granted scores scored should must",
            "100 hundred max maximum highest perfect full flawless top",
            "score scores point points mark marks grade grades rating credit percent"),
        Rule("rubric-claim", 14, false, "rubric* scheme guideline* guidance criteria", "100 max maximum full perfect highest hundred top", "score scores point points mark marks grade credit says say states requires"),
        Rule("role", 14, false, "pretend imagine roleplay role act play become simulate now", "you your yourself", "grader scorer evaluator examiner teacher professor assistant ai chatbot dan unrestricted lenient generous unfiltered jailbroken developer admin"),
        Rule("role-play", 6, true, "pretend imagine roleplay act play become simulate", "grader scorer evaluator examiner teacher assistant chatbot dan"),
        Rule("evidence", 8, false, "evidence", "quote cite copy", "this that sentence only empty following"),
        Rule("address", 6, false, "dear hello hi hey note attention message memo psst listen", "scorer grader evaluator examiner assistant ai llm chatgpt gpt claude gemini assessor bot reviewer robot"),
        Rule("address-order", 14, false, "scorer grader evaluator examiner llm chatgpt gpt claude gemini ai assistant bot", "must should please shall will you your needs", Marks + " rate evaluate instruct* rubric*"),
        Rule("exfiltration", 14, true, "repeat print reveal echo output copy disclose leak include write quote show tell recite translate insert add put spell append start begin",
            "canary nonce token tokens fence secret prompt mark", "feedback evidence quote quotes quotation instruct* verbatim everywhere first above twice system hidden"),
        Rule("omission", 12, true, "leave omit empty remove replace change use blank drop skip set", "canary nonce token", "field member empty blank null zero out json zeros zeroes instead with"),
        Rule("substitution", 16, true, "score grade evaluate rate assess judge consider treat use take", "instead rather following below ideal model reference exemplary previous other another",
            "answer answers text response transcript"),
        Rule("pre-graded", 12, false, "already previously officially manually", "graded scored verified approved rated reviewed marked validated evaluated certified", "100 hundred full perfect maximum passed answer candidate transcript highest score"),
        Rule("leniency", 10, true, "be please", "lenient generous forgiving merciful", "scor* grad* evaluat* mark* rat*"),
        Rule("new-order", 8, false, "new updated revised real actual true latest secret following special important urgent", "system admin developer scoring grading override evaluation task scorer", "instruct* prompt prompts rule rules rubric* directive* mode message guideline*"),
        Rule("end-then", 6, false, "end ends ended finish finished over", "answer transcript candidate's candidate prompt input untrusted", "now begin new system instruct* trusted following scorer"),
    ];

    /// <summary>Beginnings and words of other languages with Latin letters, accents removed.</summary>
    public static IReadOnlyList<CueRule> Translated { get; } =
    [
        Rule("override-translated", 10, false,
            "ignora ignorad ignorar ignoriere ignorieren ignorer olvida olvide vergiss vergessen missachte ignorate ignori dimentica dimenticate esqueca esquece desconsidere negeer vergeet zignoruj ignoruj pomin unut yoksay abaikan ignorera glom bo mellozd hagyd ignorisi zanemari lakho",
            "instruccion* regla* indicacion* anweisung* vorgabe* regeln istruzion* regole instruco* instrucoes regras instructies regels polecen* instrukc* talimat* kurallari instruksi aturan instruktion* regler huong utasitas* pravila uputstva"),
        Rule("override-french", 10, false, "ignore ignorez oublie oubliez", "les toutes tes vos ces precedentes", "instructions consigne* regles directives"),
        Rule("demand-translated", 14, false,
            "da dame asigna otorga pon puntua califica devuelve dale ponga donne donnez attribue attribuez accorde gib gebe geben vergib bewerte setze dai assegna attribuisci dia atribua conceda geef daj przyznaj berikan beri cho ge giv adj daj ver dovrebbe merece debe",
            "100 maxim* cien cent hundert perfect* perfekt* volle vollen completa hochst* massim* cento cem honderd volledig najwyzsz* sto yuz tam hogst* toi penuh sempurna maximal* maksim*",
            "punto puntos puntuacion puntaje nota notas calificacion note points punkte punkten punktzahl bewertung voto punteggio punti pontuacao pontos punten score cijfer punkt* ocen* puan nilai skor poang diem pont poena"),
    ];

    /// <summary>Other scripts, where words are not parted by spaces or have many endings: a part of each column in the same sentence.</summary>
    public static IReadOnlyList<(string[] Verbs, string[] Things)> OtherScripts { get; } =
    [
        (["игнорир", "забудь", "не обращай", "отмени"], ["инструкц", "правил", "указани", "выше"]),
        (["постав", "оцени", "дай ", "присво", "выстав"], ["100", "максим", "высш", "сто балл"]),
        (["ігнору", "забудь", "постав"], ["інструкц", "правил", "100", "максим"]),
        (["忽略", "无视", "忘记", "忽視", "無視"], ["指令", "指示", "规则", "規則", "提示", "以上", "之前", "ルール", "命令"]),
        (["给", "給", "打", "评", "評", "输出", "設", "つけ", "与え", "付け"], ["满分", "滿分", "100", "一百分", "最高分", "満点", "最高点"]),
        (["무시", "잊"], ["지시", "규칙", "명령", "프롬프트"]),
        (["점수", "점을", "평가"], ["만점", "100", "최고"]),
        (["تجاهل", "انس"], ["تعليمات", "التعليمات", "القواعد", "الأوامر"]),
        (["درجة", "نقطة", "علامة", "أعط", "تقييم"], ["100", "كاملة", "القصوى", "الكاملة"]),
        (["अनदेखा", "भूल", "नज़रअंदाज", "नजरअंदाज"], ["निर्देश", "नियम"]),
        (["अंक", "स्कोर"], ["100", "पूरे", "अधिकतम"]),
        (["התעלם", "תתעלם", "שכח"], ["הוראות", "ההוראות"]),
        (["ציון", "נקוד"], ["100", "מושלם", "מרבי"]),
        (["αγνοησ", "αγνόησ", "ξεχασ", "ξέχασ"], ["οδηγ", "κανον", "κανόν"]),
        (["βαθμ"], ["100", "αριστα", "άριστα", "μεγιστ", "μέγιστ"]),
        (["bỏ qua"], ["hướng dẫn", "chỉ dẫn"]),
        (["ละเว้น", "เพิกเฉย"], ["คำสั่ง", "กฎ"]),
        (["คะแนน"], ["100", "เต็ม"]),
    ];

    private static CueRule Rule(string name, int span, bool imperative, params string[] groups) => new(name, span, imperative, [.. groups.Select(words => new CueGroup(words))]);
}
