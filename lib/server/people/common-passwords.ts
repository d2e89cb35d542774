/**
 * Passwords that guessers try first: the most frequent ones of 8 characters and more in zxcvbn 4.4.2 (MIT, Dan Wheeler
 * and Dropbox), which counted them in published leaks, and frequent shorter words, to which people append digits.
 */
import "server-only";

export const commonPasswords: ReadonlySet<string> = new Set(
  `
  0.0.0.000 01011970 01011980 01011981 01011985 01011986 01011989 01011990 01011991 01012000 01012001 01012010
  01012011 1029384756 11111111 11112222 111222333 11223344 1122334455 11235813 1123581321 12131415 12312312 1232323q
  123321123 12344321 123454321 1234554321 12345678 123456789 1234567890 1234567890q 12345678910 123456789a 123456789q
  123456789z 1234567a 1234567q 123456aa 123456qwerty 12345qwert 1234abcd 1234qwer 123654789 12369874 123698745
  123789456 123qwe123 123qweasd 123qweasdzxc 12qwaszx 13243546 147258369 147852369 14789632 147896325 15426378
  18436572 192837465 1a2b3c4d 1passwor 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws3ed 1qaz2wsx 1qaz2wsx3edc 1qazxsw2
  25802580 31415926 321654987 4815162342 73501505 741852963 78945612 789456123 8j4ye3uz 963852741 a1234567 a123456789
  a1b2c3d4 a1s2d3f4 aardvark abc12345 abcd1234 aberdeen access access14 accord achilles action adgjmptw adidas
  agent007 airborne airforce airplane alaska albatros alejandr aleksandr alexande alexandr alexis alpha america
  america1 amsterda amsterdam anaconda andrey angel angels anhyeuem animal anthony1 apollo apollo13 apple applepie
  apples aquarius arizona arsenal arsenal1 asdasd asdf asdf1234 asdfasdf asdfg asdfgh asdfghjk asdfghjkl aspirine
  assassin asshole asshole1 assman atlantis austin australi avalon avatar awesome azerty azsxdcfv babydoll babygirl
  babylon5 backdoor badass badboy badger bambam banana bandit barcelon barcelona barney baseball basketba bastard
  batman bear beatles beaver beavis beefcake beer berlin bigballs bigboobs bigboy bigcock bigdaddy bigdick bigdog
  bigman bigmoney bigred bigtits billybob billyboy birdie bitch bitches biteme blackcat blackdog blackhaw blackjac
  blahblah blazer blink182 blizzard blowjob blowme blue bluebird blueeyes bluemoon bobafett bollocks bonehead boobies
  booboo boobs booger boogie boomer boston brandon1 brandy braves brazil brighton britney bronco broncos brooklyn
  brucelee brutus bubba bubbles buckeyes buddha buddy budlight budweise buffalo bulldog bulldogs bullet bullseye
  bullshit bunghole buster butter butterfl butterfly butthead butthole cadillac caliente californ caligula camaro
  cameron canada candyman captain cardinal carolina cartman casper cassie catherin cavalier cdtnkfyf celtic chainsaw
  champion changeme chargers charles1 charlie charlie1 charlott charlton cheese chelsea chelsea1 cherokee cherry
  chester chester1 chevelle chevrole chevy cheyenne chicago chicken chicken1 chickens chocolat chopper christ christia
  christin christop cinnamon cjkysirj classic clitoris cocacola cock coffee colombia colorado coltrane commando compaq
  computer concrete connor consumer cookie cooldude copper corvette cosworth cougar cowboy cowboys cowboys1 crazybab
  creampie creative cricket crusader cumshot cunt dakota dallas dancer danger dannyboy darkness darkside darkstar
  dbrnjhbz deadhead deepthroat deeznuts defender deftones designer destiny devildog devils dexter dfktynbyf diablo
  diamond diamond1 diamonds dick dickhead diesel dietcoke digger digital dilligaf dingdong dinosaur discover disney
  dkflbckfd dkflbvbh doberman doctor dodgeram doggie dolphin dolphins domino donkey doughboy dragon dreamer dreams
  driver drowssap drpepper drummer dthjybrf ducati eagle eagles eastside eatpussy eclipse einstein ekaterina electric
  elephant elizabet eminem empire engineer enigma enter enterpri enterprise ericsson eternity everton excalibu
  explorer extreme falcon fantasy fender ferrari fire fireball firebird fireman fish fishing fktrcfylh fktrcfylhf
  flamingo florida flower fluffy flyers football football1 fordf150 forest forever formula1 freckles freddy freedom
  freedom1 freepass freeporn freeuser friday froggy front242 frontier fuck fuck_inside fucker fuckface fucking fuckme
  fuckoff fuckthis fuckyou fuckyou1 fuckyou2 fyfcnfcbz fylhtq galina galore gandalf gandalf1 gangbang gangster
  garfield gateway gateway1 gators gemini genesis genius geronimo getmoney gfhjkm gfhjkm123 ghbdtn ghbdtnbr giants
  ginger girls gn56gn56 goblue godsmack godzilla golden goldfish golf golfball golfer goober goodluck goodtime google
  gordon24 gotohell greatone greenbay greenday guardian guinness guitar gunner halflife hammer hannah hannibal
  happy123 happyday hardcore hardrock harley hawaii heather1 heaven hedgehog hellfire hello hello123 hellyeah helpme
  hendrix hentai hercules highland hiphop hitman hobbes hockey holiday hollywoo holyshit honda hongkong hooters horney
  horny horses hotdog hotrod hotstuff hummer hunter hurrican hyperion icecream iceman ihateyou ilovesex iloveyou
  immortal infiniti infinity internet intrepid ironman iwantu jackass jackson1 jaguar jamesbon jamesbond jasmine
  jasmine1 jasper jessica1 jester jordan jordan23 junior jupiter justdoit justice juventus kamikaze kangaroo karina
  karolina katerina kawasaki kcj9wx5n kenworth keyboard keystone killbill killer kingfish kingkong kingston kirill
  kitten kitty kittycat klaster labrador lacrosse lakers lancelot lasvegas legend lesbians letmein letmein1 letmein2
  liberty lifehack lightnin lineage2 lionking liverpoo liverpool lizard logitech lollipop london lonestar lonewolf
  longhorn love lovely loveme lover loverboy lovers loveyou lowrider lucky luckydog macdaddy maddog madison madmax
  madonna maggie magic magicman magnum mailcreated5240 majestic makaveli maksim mamapapa manchest manchester mandingo
  manutd maradona marathon marina marine mariners marines marino13 marlboro marley maryjane master matrix matthew1
  maverick maximus maxwell meatball meatloaf mechanic megadeth megapass melissa1 mercedes mercury meridian merlin
  mersedes metallic metallica mexico michael1 michigan mickey microlab microsof microsoft midnight minecraft mistress
  mnbvcxz monday money mongoose monkey monopoly monster montana montreal mookie morpheus mother motorola mountain
  mozart muffin munchkin mushroom musicman mustang mustang1 mustangs naruto nascar natasha naughty ncc1701a ncc1701d
  ncc1701e nebraska nemesis newport newyork nigger nikita nintendo nirvana nissan nuttertools nwo4life oblivion oksana
  oliver online operator orange overlord p0015123 pa55w0rd pa55word packers packers1 pakistan panasonic pandora
  pantera panther panthers panties pantyhos paradise pass pass1234 passion passport passw0rd passwor1 password
  password1 password123 passwords passwort patches patrick1 patriots pavilion peaches peanut pearljam peekaboo penguin
  penguins penis pepper peterpan phantom phillies phoenix phoenix1 picard pimpin pineappl pingpong pinkfloy pirate
  platinum playboy player playtime plymouth poiuytrewq pokemon pokemon1 police polina polniypizdec0211 poohbear pookie
  poontang poop poopoo popcorn porkchop porn porno pornstar porsche porsche9 portland portugal precious predator
  presario prince princess private psycho pumpkin punisher punkrock purple pussy pussycat q1w2e3r4 q1w2e3r4t5
  q1w2e3r4t5y6 qawsedrf qazwsx qazwsx12 qazwsx123 qazwsxed qazwsxedc qazwsxedcrfv qazxsw qazxswedc qwaszx qweasd
  qweasdzxc qweqwe qwer1234 qwerasdf qwert qwert123 qwerty qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456
  qwertyu qwertyui qwertyuio qwertyuiop r2d2c3po rabbit racing ragnarok raider raiders raiders1 rainbow raistlin
  rammstein ranger rangers rangers1 raptor rascal rasputin rastaman razz redalert reddog redrum redskins redsox
  redwings renegade rfnthbyf rhbcnbyf richard1 rightnow rjirfrgbde roadkill robotech rocket rockhard rockstar rolltide
  romashka ronaldo rooster rootbeer rosebud runner rush2112 ruslan russia sailboat saints samantha samson samsung
  samsung1 sandiego sandman sapphire saratoga satan666 saturn scarface scooby scoobydo scooter scooter1 scorpio
  scorpion scotland scotty sebastia secret security seinfeld seminole semperfi sentinel septembe serega serenity
  sergey sexsex sexy sexygirl shadow shamrock shaney14 shannon1 shelby sherlock shithead shorty showtime sierra silver
  simple simpsons sithlord skipper skippy skittles skorpion skyline skywalke skywalker slapshot slayer slipknot slut
  smokey smooth snickers sniper snoopdog snoopy snowball snuggles soccer socrates softball software sojdlg123aljg
  sophie soso123aljg spanking spanky sparky spartans spectrum speedy spider spiderma spiderman spirit spitfire
  splinter spooky spring squirrel srinivas stalker stallion star starbuck starcraft stardust starfish stargate
  starship startrek starwars steelers stephani stingray stinky stocking stonecol stranger stripper stupid sublime
  success sucker suckit suckme summer sundance sunshine super super123 superfly superman supersta superstar surfer
  suzuki svetlana sweetpea swimming swingers swordfis swordfish sydney syracuse tacobell tarheels taurus tazmania
  technics tennis terminator test tester testing thailand thankyou theman therock thuglife thumper thunder thunder1
  tiger tigers tigger tinker titanic titleist tits tomcat tommyboy topgun tottenha toyota translator treasure
  trfnthbyf trinity trombone trouble truelove trustno1 tunafish turkey turkey50 turtle tweety twilight ultimate
  umbrella underdog undertaker usuckballz1 vacation valentin valentina valhalla vampire vanhalen vegeta verbatim
  veronika vfhbyf vfhufhbnf vfrcbv vfrcbvrf victory viking vikings viktoria viper vision vkontakte vladimir vladislav
  voodoo voyager wanker warcraft warhammer warrior warriors waterloo webmaster welcome welcome1 werewolf westside
  wetpussy whatever whocares wildcat wildcats wildfire william1 willow windows winner winston winter wizard wolfgang
  wolfpack wolverin wolverine wombat woofwoof wordpass wrangler wrestlin wrinkle1 xavier yamaha yankee yankees
  yankees1 yellow yfnfif yosemite zaq12wsx zaq1xsw2 zeppelin zombie zxcasdqwe zxcv1234 zxcvbn zxcvbnm zxcvbnm1
`.match(/\S+/g),
);
