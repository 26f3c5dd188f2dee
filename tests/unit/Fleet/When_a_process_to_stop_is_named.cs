using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Producer.Cli.Commands.Fleet;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_a_process_to_stop_is_named
{
    private static readonly FleetSnapshot Fleet = FleetOf(("web1", 11, 10), ("web1", 12, 10), ("web1", 20, null), ("web2", 1, null), ("c3", 1, null));

    [Theory]
    [InlineData("11", null, "web1", 11, "11")]
    [InlineData("10", null, "web1", 10, "11 12")]
    [InlineData("WEB1", null, "web1", null, "11 12 20")]
    [InlineData("1", "C3", "c3", 1, "1")]
    public void It_is_a_process_a_supervisor_or_a_host(string text, string? host, string onHost, int? pid, string meant)
    {
        var target = DrainTarget.Find(Fleet, text, host);
        Assert.Equal((onHost, pid), (target.Host, target.ProcessId));
        Assert.Equal(meant, string.Join(' ', target.Processes.Select(process => process.ProcessId)));
    }

    [Theory]
    [InlineData("1", null, "several hosts have a process 1: say which with --host (c3, web2)")]
    [InlineData("99", null, "no consumer is meant by '99'; there are 1 on c3")]
    [InlineData("11", "web2", "no consumer is meant by '11' on 'web2'")]
    [InlineData("wb1", null, "no consumer is meant by 'wb1'; did you mean web1?")]
    public void What_is_not_there_or_not_one_is_refused(string text, string? host, string says) =>
        Assert.StartsWith(says, Assert.Throws<InvalidConfigurationException>(() => DrainTarget.Find(Fleet, text, host)).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_a_consumer_there_is_none_to_stop() =>
        Assert.StartsWith("no consumer answers", Assert.Throws<InvalidConfigurationException>(() => DrainTarget.Find(FleetOf(), "1", null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(7, null, true)]
    [InlineData(5, null, false)]
    [InlineData(5, 5, true)]
    [InlineData(null, 5, true)]
    public void A_drain_applies_to_a_process_and_to_those_it_supervises(int? pid, int? supervisor, bool applies)
    {
        var drain = new Drain { RequestId = Guid.NewGuid(), ReplyTo = "", Host = "MACHINE", ProcessId = pid };
        Assert.Equal(applies, drain.AppliesTo(new ProcessIdentity("machine", 7, "consumer-1"), supervisor));
        Assert.False(drain.AppliesTo(new ProcessIdentity("other", 7, "consumer-1"), supervisor));
    }

    private static FleetSnapshot FleetOf(params (string Host, int Pid, int? Supervisor)[] processes) => FleetSnapshot.Of(
        [.. processes.Select(process => new Pong
        {
            PingId = Guid.Empty,
            Worker = new ProcessIdentity(process.Host, process.Pid, "consumer"),
            Version = "0.1.0",
            StartedAt = DateTimeOffset.UnixEpoch,
            SupervisorId = process.Supervisor,
            Kinds = [],
        })],
        new ManualClock());
}
