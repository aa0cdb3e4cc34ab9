#include "clc/actions/bind.h"

#include <gtest/gtest.h>

namespace angophora::clc {
namespace {

enum class Colour { red, blue };
constexpr auto wire_names(Colour) {
  return std::to_array<std::pair<std::string_view, Colour>>(
      {{"red", Colour::red}, {"blue", Colour::blue}});
}

struct Inner {
  std::string name;
  std::vector<std::string> values;
  static constexpr auto params() {
    return std::to_array<Param<Inner>>(
        {required<&Inner::name>("Name"), optional<&Inner::values>("Value")});
  }
};

struct Request {
  std::string name;
  std::optional<std::uint16_t> port;
  std::int64_t count = 7;
  bool flag = false;
  Colour colour = Colour::red;
  Base64 data;
  std::vector<std::string> list;
  std::vector<Inner> inners;
  std::optional<Inner> inner;
  Filters filters;
  Paging paging;
  ClientToken client_token;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),       optional<&Request::port>("Port"),
    optional<&Request::count>("Count"),     optional<&Request::flag>("Flag"),
    optional<&Request::colour>("Colour"),   optional<&Request::data>("Data"),
    optional<&Request::list>("List"),       optional<&Request::inners>("Inners"),
    optional<&Request::inner>("Inner"),     filters<&Request::filters>(),
    max_results<&Request::paging>(),        next_token<&Request::paging>(),
    client_token<&Request::client_token>(), refused<Request>("Gpu", "there are none"),
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<Request> read(Pairs pairs) {
  pairs.emplace_back("Name", "n");
  TRY(auto parameters, Parameters::parse(std::move(pairs)));
  Request request;
  TRY_VOID(bind(parameters, std::span<const Param<Request>>(kParams), request));
  return request;
}

std::error_code refusal(Pairs pairs) {
  const auto request = read(std::move(pairs));
  return request ? std::error_code() : request.error().code;
}

TEST(Binding, LeavesWhatWasNotSentAlone) {
  const auto request = read({});
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().count, 7);
  EXPECT_FALSE(request.value().port);
  EXPECT_FALSE(request.value().inner);
}

TEST(Binding, ReadsScalars) {
  const auto request = read({{"Port", "22"},
                             {"Count", "-3"},
                             {"Flag", "True"},
                             {"Colour", "blue"},
                             {"Data", "aGVs\r\nbG8=\r\n"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().port, 22);
  EXPECT_EQ(request.value().count, -3);
  EXPECT_TRUE(request.value().flag);
  EXPECT_EQ(request.value().colour, Colour::blue);
  EXPECT_EQ(request.value().data.bytes, "hello");
}

TEST(Binding, RefusesValuesOfTheWrongKindByName) {
  EXPECT_EQ(refusal({{"Port", "65536"}}), RequestErrc::invalid_value);
  EXPECT_EQ(refusal({{"Port", "-1"}}), RequestErrc::invalid_value);
  EXPECT_EQ(refusal({{"Count", "1x"}}), RequestErrc::invalid_value);
  EXPECT_EQ(refusal({{"Flag", "maybe"}}), RequestErrc::invalid_value);
  EXPECT_EQ(refusal({{"Colour", "green"}}), RequestErrc::invalid_value);
  EXPECT_EQ(refusal({{"Data", "###"}}), RequestErrc::invalid_value);
  const auto request = read({{"Colour", "green"}});
  EXPECT_EQ(request.error().message,
            "Invalid value 'green' for Colour: it must be one of red, blue");
}

TEST(Binding, KeepsListsInTheOrderOfTheirNumbers) {
  const auto request = read({{"List.10", "c"}, {"List.2", "b"}, {"List.0", "a"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().list, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Binding, TakesAListWithoutANumberAndWithMember) {
  EXPECT_EQ(read({{"List", "a"}}).value().list, (std::vector<std::string>{"a"}));
  EXPECT_EQ(read({{"List.member.1", "a"}}).value().list, (std::vector<std::string>{"a"}));
}

TEST(Binding, ReadsStructuresInLists) {
  const auto request =
      read({{"Inners.1.Name", "a"}, {"Inners.1.Value.1", "x"}, {"Inners.2.Name", "b"}});
  ASSERT_TRUE(request);
  ASSERT_EQ(request.value().inners.size(), 2u);
  EXPECT_EQ(request.value().inners[0].values.front(), "x");
  EXPECT_EQ(request.value().inners[1].name, "b");
}

TEST(Binding, RefusesWhatNobodyKnowsByItsWholeName) {
  for (const auto* name : {"Nme", "Inner.Colour", "Inners.1.Value.1.Deep", "List.x", "Name.1"}) {
    const auto request = read({{"Inners.1.Name", "a"}, {"Inner.Name", "a"}, {name, "1"}});
    ASSERT_FALSE(request) << name;
    EXPECT_EQ(request.error().code, RequestErrc::unknown_parameter) << name;
    EXPECT_NE(request.error().message.find(name), std::string::npos) << request.error().message;
  }
}

TEST(Binding, NamesWhatIsMissing) {
  const auto nested = read({{"Inners.1.Value.1", "x"}});
  ASSERT_FALSE(nested);
  EXPECT_EQ(nested.error().message, "The request must contain the parameter Inners.1.Name");
  EXPECT_EQ(refusal({{"Inner.Name", ""}}), RequestErrc::missing_parameter);
}

TEST(Binding, SaysWhyAParameterIsNotSupported) {
  const auto request = read({{"Gpu.1.Type", "big"}});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, RequestErrc::unsupported_parameter);
}

TEST(Binding, TakesFiltersWithAndWithoutAValueIndex) {
  const auto request = read({{"Filter.1.Name", "a"},
                             {"Filter.1.Value", "x"},
                             {"Filter.2.Name", "b"},
                             {"Filter.2.Value.1", "y"},
                             {"Filter.2.Value.2", "z"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().filters[0].values, (std::vector<std::string>{"x"}));
  EXPECT_EQ(request.value().filters[1].values, (std::vector<std::string>{"y", "z"}));
  EXPECT_EQ(refusal({{"Filter.1.Name", "a"}}), RequestErrc::missing_parameter);
}

TEST(Binding, ComparesARepetitionByAllButItsToken) {
  const auto first = read({{"ClientToken", "t"}, {"Count", "1"}, {"Port", "2"}});
  const auto same = read({{"Port", "2"}, {"Count", "1"}, {"ClientToken", "t"}});
  const auto other = read({{"Port", "3"}, {"Count", "1"}, {"ClientToken", "t"}});
  EXPECT_EQ(first.value().client_token.parameters, same.value().client_token.parameters);
  EXPECT_NE(first.value().client_token.parameters, other.value().client_token.parameters);
}

TEST(Binding, TellsWhatItTakes) {
  std::map<std::string, ParamShape> shapes;
  for (auto& shape : shapes_of(std::span<const Param<Request>>(kParams)))
    shapes[shape.name] = std::move(shape);
  EXPECT_EQ(shapes.size(), std::size(kParams));
  EXPECT_EQ(shapes["Name"].need, Need::required);
  EXPECT_EQ(shapes["Name"].kind, ParamKind::text);
  EXPECT_EQ(shapes["Port"].kind, ParamKind::number);
  EXPECT_EQ(shapes["Flag"].kind, ParamKind::boolean);
  EXPECT_EQ(shapes["Data"].kind, ParamKind::base64);
  EXPECT_EQ(shapes["Colour"].values, (std::vector<std::string>{"red", "blue"}));
  EXPECT_TRUE(shapes["List"].is_list);
  EXPECT_EQ(shapes["List"].kind, ParamKind::text);
  for (const auto* name : {"Inner", "Inners", "Filter"}) {
    EXPECT_EQ(shapes[name].kind, ParamKind::structure) << name;
    EXPECT_EQ(shapes[name].is_list, name != std::string("Inner"));
    ASSERT_EQ(shapes[name].members.size(), 2u) << name;
    EXPECT_EQ(shapes[name].members[1].name, "Value");
    EXPECT_TRUE(shapes[name].members[1].is_list);
  }
  EXPECT_EQ(shapes["MaxResults"].kind, ParamKind::number);
  EXPECT_EQ(shapes["ClientToken"].kind, ParamKind::text);
  EXPECT_EQ(shapes["Gpu"].need, Need::refused);
  EXPECT_EQ(shapes["Gpu"].kind, ParamKind::unknown);
}

TEST(ParametersTree, RefusesWhatIsAmbiguous) {
  EXPECT_FALSE(Parameters::parse({{"A", "1"}, {"A", "2"}}));
  EXPECT_FALSE(Parameters::parse({{"A..B", "1"}}));
  EXPECT_FALSE(Parameters::parse({{"A.1.1.1.1.1.1.1.1.1.1.1.1.1", "1"}}));
  EXPECT_FALSE(Parameters::parse({{"DryRun", "perhaps"}}));
  EXPECT_FALSE(Parameters::parse({{"DryRun", "true"}, {"DryRun", "false"}}));
}

TEST(ParametersTree, LeavesTheProtocolsOwnOut) {
  auto parameters = Parameters::parse({{"Action", "X"},
                                       {"Version", "v"},
                                       {"X-Amz-Date", "d"},
                                       {"AWSAccessKeyId", "k"},
                                       {"Signature", "s"}});
  ASSERT_TRUE(parameters);
  EXPECT_TRUE(parameters.value().root().children.empty());
}

TEST(Bind, AClientTokenIsShortAndPlain) {
  EXPECT_TRUE(read({{"ClientToken", std::string(64, 't')}}));
  for (const auto& token : {std::string(65, 't'), std::string("\xc3\xa9"), std::string("a\nb")})
    EXPECT_EQ(read({{"ClientToken", token}}).error().code, RequestErrc::invalid_value);
}

TEST(Bind, ASingleValueMayComeAsAListOfOne) {
  EXPECT_EQ(read({{"Count.1", "7"}}).value().count, 7);
  EXPECT_FALSE(read({{"Count.2", "7"}}));
  EXPECT_FALSE(read({{"Count.1", "7"}, {"Count.2", "8"}}));
  EXPECT_FALSE(read({{"Count.1.1.Name", "7"}}));
}

}  // namespace
}  // namespace angophora::clc
