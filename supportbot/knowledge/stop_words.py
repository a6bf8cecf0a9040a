"""Words that say little about what a question is about: folded, as `words.fold` does, and not stemmed.

Written by hand and kept small. A word that names a thing in any of the languages is left out of the
other languages' lists, which is why `plus`, `car`, `os` and `eu` are missing.
"""

_ENGLISH = """
a about above after again against all along already also although always am among an and any anybody
anyone anything are aren around as at away be became because become been before being below between both
but by can cannot cant come could couldn d did didn do does doesn doing don done dont down during each
either else even ever every everything few for from further get gets getting give gives go goes going
gone got had hadn has hasn have haven having he her here hers herself him himself his how however i if im
in instead into is isn it its itself ive just keep keeps know let lets ll like m made make makes making
many may me might mine more most much must mustn my myself need needs neither no none nor not nothing now
of off often on once one only onto or other others our ours ourselves out over own per perhaps put puts
quite rather re really s said same say says see seem seems she should shouldn since so some somebody
someone something still such t take takes tell than that thats the their theirs them themselves then
there these they thing things this those though through to together too toward under until up upon use
used uses using ve very via want wants was wasn way we well went were weren what whatever whats when
whenever where wheres whether which while who whom whose why will with within without won would wouldn
yes yet you your yours yourself yourselves
"""

_GERMAN = """
aber als am an auch auf aus bei beim bin bis bitte da damit dann das dass dein dem den der des dich dir
doch du durch ein eine einem einen einer eines er es etwas euch euer fur gibt habe haben hier ich ihr
ihre im in ist ja jetzt kann kannst kein keine keinen konnen man mehr mein meine meinem meinen meiner
mich mir mit mochte muss nach nicht noch nur oder ohne schon sein seine sich sie sind so uber um und uns
unser unsere vom von vor wann war warum was weil welche welcher welches wenn wer werden wie wieder
wieviel will wir wird wo zu zum zur
"""

_FRENCH = """
ai au aussi aux avec avoir bonjour ce cela ces cet cette chez comme comment c d dans de depuis des dois
donc du elle en est et etre faire fait faut il ils j je l la le les leur lui m ma mais me merci mes moi
mon n ne nos notre nous on ont ou par pas peut peux plait pour pourquoi puis qu quand que quel quelle
quelles quels qui quoi s sa sans se ses si sommes sont suis sur t ta te tes toi ton toujours tous tout
toute tres tu un une vos votre vous y
"""

_SPANISH = """
a al algo ante como con cual cuales cuando cuanto cuantos de del desde donde e el ella ellos en entre era
es esa ese eso esta estan estar este esto estos estoy fue gracias ha hacer hasta hay he hola la las le
les lo los mas me mi mis mucho muy nada ni no nos nosotros o para pero poder por porque puede puedo que
quien quiero se ser si sin sobre soy su sus tambien te tengo tiene todo tu tus un una uno unos y ya yo
"""

_PORTUGUESE = """
agora ao aos ate com como da das de dele dela depois do dos e ela ele em entre era essa esse esta estao
estar este estou eu faco fazer foi ha isso isto ja la lhe mais mas me meu meus minha minhas muito na nao
nas nem no nos nossa nosso num numa o ola ou para pela pelo pode por porque posso qual quais quando que
quem quero se sem ser seu seus sim sobre sou sua suas tambem te tem tenho ter um uma uns voce voces
"""

_NAMES_OF_THINGS = frozenset({"eu"})

STOP_WORDS = (
    frozenset(
        word for language in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE) for word in language.split()
    )
    - _NAMES_OF_THINGS
)
"""Words left out of every question."""

_CHATTY = """
able absolutely act actual actually ago ah ahead almost alone alright amazing angry annoyed annoying
anyhow anymore anyway anywhere apart apparently appreciate apologies around ask asked asking asks asap
awesome awful back bad badly basically bear begin beginning believe best better bit bother bought boss
boy brand bring brings btw bug busy buy call called calls came care case certain certainly chance clear
clearly clue colleague comes common company completely confused confusing consider correct couple course
coworker curious current currently customer daily day days deal dear decent decide decided definitely
despite difference different difficult directly disappointed done doubt dude earlier early easily easy
effect eh end ended ending ends enough entire entirely especially etc evening eventually everybody
everyone everywhere exact exactly example except expect expected experience explain extra extremely fact
fair fairly family far fast father favourite favorite feel feels figure finally find finding fine first
fix fixed folks follow following force forever forgot forgotten former fortunately found frankly free
friend friends frustrated frustrating fully fun funny gave generally gentlemen glad god good goodbye
gotta great greetings guess guy guys half happen happened happening happens happy hard hate head hear
heard hello help helped helpful helping helps hey hi hold home honest honestly hope hopefully hoping hour
hours huge hundred husband idea ideally imagine immediately important impossible including indeed info
information initially inside interested interesting issue issues job jobs jump kid kids kind kindly kinda
knew knows ladies lady lately later latest lead learn least leave leaves leaving left legacy less life
likely listen literally little live lol long longer look looked looking looks lose lost lot lots love
loved luck lucky mad main mainly man manage managed matter mean means meant meantime mention mentioned
middle mind minute minutes mom moment moments month months morning mother mum name nearly necessarily
necessary needed never new news next nice night nobody nonetheless normal normally note notice noticed
obvious obviously odd oh ok okay old omg oops order ought paid pain part particular past people perfect
perfectly person piece place plain please pls plz point possible possibly presumably pretty previous
previously probably problem problems proper properly question questions quick quickly quiet ran reach
read ready real realise realize reason reasonable recently regard regarding regards related relevant
replied reply respond response right rid round rubbish run running runs sad sadly saw saying scary second
seconds seeing seen sense serious seriously set several shall short show showing shown shows side silly
similar simple simply sir site situation slightly slow small somehow sometimes somewhat somewhere son
soon sorry sort sound sounds specific specifically spring start started starting starts stay step steps
stuck stuff stupid successfully suddenly suggest summer suppose supposed sure surely taken taking talk
talked talking team teams terrible terribly thank thanks think thx thinking thought thousand times tiny today
told tomorrow tonight took total totally touch trick tried tries trouble true truly truth try trying turn
turned turns twice type ugh understand understood unfortunately unless unlike us useful useless usual
usually various view wait waiting wanna wanted wanting warm watch week weekend weeks weird welcome whole
wife winter wish wishes won wonder wondering word words work worked working works world worried worry
worse worst worth wow write writing wrong wrote ya yeah year years yep yesterday young hallo danke dank
grusse freundlichen guten tag bonjour salut merci cordialement hola gracias buenos dias saludos ola
obrigado obrigada bom dia
"""

CHATTY_WORDS = frozenset(_CHATTY.split())
"""Words of conversation. They help to rank when an article holds them, and prove nothing when none does."""

THANKS = frozenset({"thank", "thanks", "thx", "danke", "merci", "gracias", "obrigado", "obrigada"})
"""How customers say that they are done."""

WORDS_OF: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in (
        ("en", _ENGLISH),
        ("de", _GERMAN),
        ("fr", _FRENCH),
        ("es", _SPANISH),
        ("pt", _PORTUGUESE),
    )
}
"""The same words by language: a question is mostly made of those of its own."""
