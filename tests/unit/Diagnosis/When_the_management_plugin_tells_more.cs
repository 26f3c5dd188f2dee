using System.Text.Json;
using Broker.Diagnosis;
using Broker.Producer.Cli.Commands.Doctor;
using Broker.Producer.Cli.Management;

namespace Broker.Tests.Unit.Diagnosis;

public sealed class When_the_management_plugin_tells_more
{
    private static readonly NodeState Well = new("a", Running: true, MemAlarm: false, DiskFreeAlarm: false, 1L << 28, 1L << 32, 5L << 30, 1L << 26, []);

    private static readonly NodeState[] Three = [Well, Well with { Name = "b" }, Well with { Name = "c" }];

    [Fact]
    public void Nodes_that_are_well_are_one_line()
    {
        Assert.Equal(
            Finding.Ok("nodes", "a uses 256MiB of 4GiB of memory, 5GiB of disk are free; b uses 256MiB of 4GiB of memory, 5GiB of disk are free"),
            Assert.Single(ManagementCheck.Nodes([Well, Well with { Name = "b" }])));
    }

    [Fact]
    public void Each_node_in_trouble_is_named_with_its_figures()
    {
        NodeState[] nodes = [Well, Well with { Running = false }, Well with { MemAlarm = true }, Well with { DiskFreeAlarm = true }, Well with { Partitions = ["b", "c"] }];
        Assert.Equal(
            ["a is away", "a uses 256MiB of memory, of which it may use 4GiB: publishers wait", "a has 5GiB of disk left, and needs 64MiB: publishers wait", "a does not see b, c"],
            ManagementCheck.Nodes(nodes).Select(finding => finding.What));
    }

    [Theory]
    [InlineData(3, 3, 3, "ok 1 queues and streams have all their members")]
    [InlineData(1, 1, 1, "ok 1 queues and streams have all their members")]
    [InlineData(3, 3, 2, "wrong broker.jobs.k have members on nodes that are away")]
    [InlineData(3, 1, 1, "wrong broker.jobs.k have fewer than 3 members on 3 nodes")]
    public void Queues_are_to_have_a_member_on_each_of_three_nodes(int nodes, int members, int online, string told)
    {
        var queue = Queue("{}") with { Members = [.. Three.Take(members).Select(node => node.Name)], Online = [.. Three.Take(online).Select(node => node.Name)] };
        var finding = Assert.Single(ManagementCheck.Replicas(Three[..nodes], [queue]));
        Assert.Equal(told, $"{(finding.Verdict == Verdict.Ok ? "ok" : "wrong")} {finding.What}");
    }

    [Theory]
    [InlineData("[]", "none changes what the queues declare")]
    [InlineData("""{"queue-leader-locator":"balanced","delivery-limit-of-mine":1}""", "none changes what the queues declare")]
    [InlineData("""{"max-length":7}""", "mine or the operator's sets max-length on broker.jobs.k and 1 more: jobs may be lost, refused or kept too long")]
    public void Only_policies_that_change_what_a_queue_keeps_are_wrong(string definition, string told)
    {
        var queue = Queue(definition) with { Policy = "mine", OperatorPolicy = "the operator's" };
        Assert.Equal(told, Assert.Single(ManagementCheck.Policies([queue, queue with { Name = "broker.dead.k" }])).What);
    }

    private static QueueState Queue(string definition) => new("broker.jobs.k", 0, null, null, null, null, JsonDocument.Parse(definition).RootElement, null);
}
