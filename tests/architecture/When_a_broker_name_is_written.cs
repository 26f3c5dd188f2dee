using System.Text.RegularExpressions;
using Broker.Topology;

namespace Broker.Tests.Architecture;

public sealed partial class When_a_broker_name_is_written
{
    [Fact]
    public void It_stands_in_the_one_file_of_names()
    {
        var naming = Repository.Product.Where(file => Name().IsMatch(Repository.Read(file))).ToList();
        Assert.Equal(["infra/Client/Topology/Names.cs"], naming);
    }

    [Fact]
    public void Every_name_begins_alike_so_that_an_operator_can_find_and_permit_them()
    {
        string[] names =
        [
            Names.JobsExchange, Names.DeadExchange, Names.ResultsExchange, Names.ControlExchange, Names.KindsQueue,
            Names.JobsQueue("k"), Names.SuspectsQueue("k"), Names.DeadQueue("k"), Names.ResultsQueue("c"), Names.TokenExchange, Names.TokenQueue("lock", ""), Names.ControlQueue("p"), Names.Probe(Names.DeadExchange), Names.ProbeOfType("quorum"),
        ];
        Assert.All(names, name => Assert.StartsWith("broker.", name, StringComparison.Ordinal));
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [GeneratedRegex("\\$?\"broker\\.(jobs|suspects|dead|delay|results|control|cancelled|kinds|token)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
