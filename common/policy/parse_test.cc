#include <fmt/format.h>

#include "common/policy/document.h"
#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

std::string refusal(std::string_view json, Rules rules = {.size_max = 20'000}) {
  const auto document = parse(json, rules);
  if (document) return "taken";
  EXPECT_EQ(document.error().code, make_error_code(PolicyErrc::malformed)) << json;
  return document.error().message;
}

std::string refusal_of_statement(std::string_view members, Grammar grammar = Grammar::identity) {
  return refusal(
      fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{}}}]}})", members),
      {.grammar = grammar, .size_max = 20'000});
}

void expect_refusal(const std::string& said, std::string_view says, std::string_view of) {
  EXPECT_NE(said, "taken") << of;
  EXPECT_NE(said.find(says), std::string::npos) << of << ": " << said;
}

struct Refused {
  const char* json;
  const char* says;  // some of the sentence
};

TEST(Parse, TakesAWholePolicyInAnyOrder) {
  const auto document = parse(R"({"Statement":[
      {"Resource":["arn:aws:s3:::b/*"],"Action":"s3:Get*","Sid":"One","Effect":"Allow"},
      {"NotResource":"arn:aws:s3:::b","NotAction":["iam:*"],"Effect":"Deny",
       "Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":[10, 20.5]}}}],
      "Version":"2012-10-17"})",
                              user_inline_rules());
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document.value().size(), 286u);  // without white space
}

TEST(Parse, SizesAreThoseOfThePlace) {
  const std::string small = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
  const auto padded = small + std::string(3000, ' ');
  EXPECT_TRUE(parse(padded, user_inline_rules()));
  EXPECT_FALSE(parse(padded, {.size_max = 2048, .count_white_space = true}));
  for (const auto& rules :
       {user_inline_rules(), group_inline_rules(), role_inline_rules(), managed_rules()}) {
    std::string many;
    while (many.size() < rules.size_max) many += R"("s3:GetObject",)";
    const auto document = parse(R"({"Statement":{"Effect":"Allow","Resource":"*","Action":[)" +
                                    many + R"("s3:GetObject"]}})",
                                rules);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, make_error_code(PolicyErrc::too_large));
  }
  EXPECT_FALSE(parse(small + std::string(200'000, ' '), user_inline_rules()));
}

TEST(Parse, RefusesWhatIsNotJson) {
  for (const auto& [json, says] : std::initializer_list<Refused>{
           {"", "ends too early"},
           {"{", "ends too early"},
           {R"({"Version":"2012-10-17",})", "column 25"},
           {R"({"Statement":[]} x)", ""},
           {R"({"Statement":[]}{})", ""},
           {"{\"Version\":\"a\x01\"}", ""},
           {R"({"Version":"a\u0000"})", "control character"},
           {"{\"Version\":\"\xff\"}", ""},
           {R"({"Version":"\ud800"})", ""},
           {R"({"Version":"2012-10-17","Version":"2008-10-17"})", "\"Version\" stands twice"},
           {R"({"Statement":{"Effect":"Allow","Action":"*","Effect":"Deny","Resource":"*"}})",
            "\"Effect\" stands twice"},
           {R"({'Version':'2012-10-17'})", ""},
           {R"(/* x */{"Version":"2012-10-17"})", ""},
           {"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "nested too deeply"},
       })
    expect_refusal(refusal(json), says, json);
  std::string many = "[1";
  for (int i = 0; i < 7000; ++i) many += ",1";
  EXPECT_NE(refusal(many + "]").find("too many values"), std::string::npos);
}

TEST(Parse, RefusesWhatIsNoPolicy) {
  for (const auto& [json, says] : std::initializer_list<Refused>{
           {"[]", "the policy is a list"},
           {"\"x\"", "the policy is a text"},
           {"{}", "no Statement"},
           {R"({"Statement":[]})", "no statements"},
           {R"({"Statement":"x"})", "statement 1: it is a text"},
           {R"({"statement":[]})", "did you mean Statement?"},
           {R"({"Version":"2012-10-18","Statement":[]})", "Version is \"2012-10-18\""},
           {R"({"Version":20121017,"Statement":[]})", "Version is a number"},
           {R"({"Id":"x","Statement":[]})", "Id cannot stand"},
       })
    expect_refusal(refusal(json), says, json);
}

TEST(Parse, RefusesStatementsAndSaysWhichAndWhy) {
  for (const auto& [members, says] : std::initializer_list<Refused>{
           {R"("Action":"*")", "statement 1: it has neither Resource nor NotResource"},
           {R"("Resource":"*")", "neither Action nor NotAction"},
           {R"("Action":"*","NotAction":"*","Resource":"*")", "both Action and NotAction"},
           {R"("Action":"*","Resource":"*","NotResource":"*")", "both Resource and NotResource"},
           {R"("Action":[],"Resource":"*")", "Action must be a text or a list of at least one"},
           {R"("Action":[1],"Resource":"*")", "Action must be a text or a list"},
           {R"("Action":"ec2","Resource":"*")", "\"ec2\" is neither * nor of the form"},
           {R"("Action":"ec*:RunInstances","Resource":"*")", "neither * nor of the form"},
           {R"("Action":"ec2:Run Instances","Resource":"*")", "neither * nor of the form"},
           {R"("Action":"ec2:","Resource":"*")", "neither * nor of the form"},
           {R"("NotAction":"${aws:username}","Resource":"*")", "NotAction: "},
           {R"("Action":"*","Resource":"bucket")", "Resource: \"bucket\" is neither * nor"},
           {R"("Action":"*","NotResource":["*","arn:aws:s3"]})", ""},
           {R"("Action":"*","Resource":"arn:aws:s3:::b/${aws:name}")", "${aws:name} is not known"},
           {R"("Action":"*","Resource":"*","Sid":"a b")",
            "(a b): Sid may have letters and digits only"},
           {R"("Action":"*","Resource":"*","Sid":1)", "Sid is a number"},
           {R"("Action":"*","Resource":"*","Principal":"*")",
            "Principal cannot stand in a policy of an identity"},
           {R"("Action":"*","Resource":"*","NotPrincipal":"*")", "NotPrincipal cannot stand"},
           {R"("Action":"*","Resource":"*","Resources":"*")", "did you mean Resource?"},
           {R"("Action":"*","Resource":"*","Conditions":{}})", ""},
           {R"("Action":"*","Resource":"*","Foo":"*")", "the element \"Foo\" is not known"},
           {R"("Action":"*","Resource":"*","Condition":[])", "Condition must be an object"},
           {R"("Action":"*","Resource":"*","Condition":{"Bool":"x"})", "must hold an object"},
       })
    expect_refusal(refusal_of_statement(members), says, members);
  EXPECT_NE(refusal(R"({"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]})")
                .find("it must be Allow or Deny"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"Statement":[{"Action":"*","Resource":"*"}]})").find("it has no Effect"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"Statement":[{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},
                                     {"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]})")
                .find("statement 2 (A): Sid is that of statement 1 too"),
            std::string::npos);
}

TEST(Parse, RefusesConditions) {
  for (const auto& [condition, says] : std::initializer_list<Refused>{
           {R"("StringEqual":{"aws:username":"x"})", "did you mean StringEquals?"},
           {R"("stringequals":{"aws:username":"x"})", "\"stringequals\" is not known"},
           {R"("ForEveryValue:StringEquals":{"aws:TagKeys":"x"})", "is not known"},
           {R"("ForAllValues:ForAnyValue:StringEquals":{"aws:TagKeys":"x"})", "is not known"},
           {R"("NullIfExists":{"aws:TagKeys":"true"})", "Null takes neither"},
           {R"("ForAnyValue:Null":{"aws:TagKeys":"true"})", "Null takes neither"},
           {R"("StringEquals":{"aws:usrname":"x"})", "did you mean aws:username?"},
           {R"("StringEquals":{"kms:ViaService":"x"})", "\"kms:ViaService\" is not known"},
           {R"("StringEquals":{"aws:RequestTag":"x"})", "is not known"},
           {R"("StringEquals":{"aws:RequestTag/":"x"})", "is not known"},
           {R"("StringEquals":{"nodot:sub":"x"})", "is not known"},
           {R"("StringEquals":{"login.example.com:color":"x"})", "is not known"},
           {R"("StringEquals":{"aws:username":[]})", "has no values"},
           {R"("StringEquals":{"aws:username":{}})", "is an object"},
           {R"("StringEquals":{"aws:username":null})", "is null"},
           {R"("StringEquals":{"aws:username":[["x"]]})", "is a list"},
           {R"("StringEquals":{"aws:username":"x","AWS:UserName":"y"})", "twice"},
           {R"("StringLike":{"aws:username":"${aws:TagKeys}"})", "may have several values"},
           {R"("NumericEquals":{"s3:max-keys":"ten"})", "\"ten\" is not a number"},
           {R"("NumericEquals":{"s3:max-keys":"${aws:username}"})", "is not a number"},
           {R"("DateLessThan":{"aws:CurrentTime":"soon"})", "is not a date"},
           {R"("Bool":{"aws:SecureTransport":"yes"})", "is not true or false"},
           {R"("Null":{"aws:TokenIssueTime":"0"})", "is not true or false"},
           {R"("IpAddress":{"aws:SourceIp":"10.0.0.0/40"})", "is not an address"},
           {R"("ArnLike":{"aws:SourceArn":"photos"})", "is neither * nor of the form arn"},
           {R"("BinaryEquals":{"aws:username":"%%%"})", "is not base64"},
       }) {
    const auto members =
        fmt::format(R"("Action":"*","Resource":"*","Condition":{{{}}})", condition);
    const auto said = refusal_of_statement(members);
    expect_refusal(said, says, condition);
    EXPECT_TRUE(said.starts_with("statement 1: Condition")) << said;
  }
}

TEST(Parse, RefusesPrincipals) {
  const auto of = [](std::string_view principal) {
    return refusal_of_statement(
        fmt::format(R"("Action":"s3:*","Resource":"arn:aws:s3:::b",{})", principal),
        Grammar::bucket);
  };
  EXPECT_EQ(of(R"("Principal":"*")"), "taken");
  EXPECT_EQ(
      of(R"("Principal":{"AWS":["123456789012","arn:aws:iam::123456789012:user/division/alice","AIDAALICE00000000000",
                "arn:aws:sts::123456789012:assumed-role/ops/night","arn:aws:sts::123456789012:federated-user/kim"],
                "Service":"ec2.amazonaws.com","Federated":"accounts.google.com","CanonicalUser":"79a59df900b949e5"})"),
      "taken");
  for (const auto& [principal, says] : std::initializer_list<Refused>{
           {R"("Sid":"A")", "it has no Principal"},
           {R"("Principal":"123456789012")", "must be \"*\" or an object"},
           {R"("Principal":{})", "names nobody"},
           {R"("Principal":{"AWS":[]})", "at least one"},
           {R"("Principal":{"Aws":"*"})", "did you mean AWS?"},
           {R"("Principal":{"AWS":"12345"})", "neither an account nor"},
           {R"("Principal":{"AWS":"alice"})", "neither an account nor"},
           {R"("Principal":{"AWS":"arn:aws:iam::123456789012:user/*"})", "wildcard"},
           {R"("Principal":{"AWS":"arn:aws:iam::123456789012:group/staff"})", "is not the ARN of"},
           {R"("Principal":{"AWS":"arn:aws:iam::123456789012:user/"})", "is not the ARN of"},
           {R"("Principal":{"AWS":"arn:aws:sts::123456789012:assumed-role/ops"})",
            "is not the ARN of"},
           {R"("Principal":{"AWS":"arn:aws:s3:::b"})", "neither an account nor"},
           {R"("Principal":{"Service":"ec2"})", "is not the name of a service"},
           {R"("Principal":{"CanonicalUser":"xyz"})", "is not a canonical user id"},
           {R"("Principal":"*","NotPrincipal":"*")", "both Principal and NotPrincipal"},
           {R"("NotPrincipal":{"AWS":"123456789012"})", "NotPrincipal goes with Deny only"},
       })
    expect_refusal(of(principal), says, principal);
}

TEST(Parse, ATrustPolicyHasNoResourceAndActionsOfStsOnly) {
  const auto of = [](std::string_view members) {
    return refusal_of_statement(members, Grammar::trust);
  };
  EXPECT_EQ(of(R"("Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole")"),
            "taken");
  EXPECT_NE(of(R"("Principal":"*","Action":"sts:AssumeRole","Resource":"*")")
                .find("Resource cannot stand"),
            std::string::npos);
  EXPECT_NE(of(R"("Principal":"*","Action":"s3:GetObject")").find("is not an action of sts"),
            std::string::npos);
  EXPECT_NE(of(R"("Principal":"*","Action":"*")").find("neither * nor"), std::string::npos);
  EXPECT_NE(of(R"("NotPrincipal":"*","Action":"sts:AssumeRole")").find("NotPrincipal cannot stand"),
            std::string::npos);
  EXPECT_NE(of(R"("Principal":{"CanonicalUser":"ab"},"Action":"sts:AssumeRole")")
                .find("CanonicalUser cannot stand"),
            std::string::npos);
}

TEST(Parse, ABucketPolicySpeaksOfItsBucketOnly) {
  const auto of = [](std::string_view resource) {
    return refusal(
        fmt::format(
            R"({{"Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"{}"}}}})",
            resource),
        bucket_rules("photos"));
  };
  for (const auto* mine :
       {"arn:aws:s3:::photos", "arn:aws:s3:::photos/*", "arn:aws:s3:::*", "arn:aws:s3:::pho*/x"})
    EXPECT_EQ(of(mine), "taken") << mine;
  for (const auto* others :
       {"*", "arn:aws:s3:::photos2", "arn:aws:s3:::logs/*", "arn:aws:ec2:::photos/x"})
    EXPECT_NE(of(others).find("does not lie in the bucket photos"), std::string::npos)
        << of(others);
}

TEST(Parse, TellsWhomAPolicyNames) {
  const auto document =
      policy(
          R"({"Statement":[{"Effect":"Allow","Principal":{"AWS":["*","123456789012"],"Service":"ec2.amazonaws.com"},
      "Action":"s3:*","Resource":"arn:aws:s3:::b"},{"Effect":"Deny","NotPrincipal":{"AWS":"AIDAALICE00000000000"},
      "Action":"s3:*","Resource":"arn:aws:s3:::b"}]})",
          Grammar::bucket)
          .document;
  EXPECT_EQ(document.named_principals(),
            (std::vector<std::string>{"123456789012", "AIDAALICE00000000000"}));
}

TEST(Parse, LimitsTheNumberOfStatements) {
  std::string json = R"({"Statement":[)";
  for (int i = 0; i < 501; ++i) json += R"({"Effect":"Deny","Action":"*","Resource":"*"},)";
  json.back() = ']';
  EXPECT_NE(refusal(json + "}", {.size_max = 100'000}).find("501 statements"), std::string::npos);
}

}  // namespace
}  // namespace angophora::policy::testing
