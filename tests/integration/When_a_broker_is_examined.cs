using Broker.Connection;
using Broker.Diagnosis;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_broker_is_examined : IAsyncLifetime
{
    private readonly string _kind = $"examined-{FleetPlan.NewSuffix()}";
    private readonly BrokerAddress _address = BrokerAddress.Parse(TestBroker.Require());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_kind]);

    [Fact]
    public async Task What_is_declared_as_this_version_does_is_well()
    {
        await using (var connection = await BrokerConnection.OpenAsync(_address, "test"))
            await new JobTopology(connection).DeclareKindAsync(_kind);
        Assert.DoesNotContain(await TopologyAsync(), finding => finding.Verdict == Verdict.Wrong && finding.Check.Contains(_kind, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_is_not_declared()
    {
        await TopologyAsync();
        await using var probe = await QueueProbe.OpenAsync();
        Assert.False(await probe.ExistsAsync(Names.JobsQueue(_kind)));
        Assert.False(await probe.ExistsAsync(Names.DeadQueue(_kind)));
    }

    [Fact]
    public async Task An_argument_that_differs_is_named_with_both_values()
    {
        var jobs = QueueArguments.Jobs(_kind);
        jobs["x-delivery-limit"] = 5;
        var dead = QueueArguments.Dead();
        dead.Remove("x-delivery-limit");
        await DeclareAsync(Names.JobsQueue(_kind), jobs);
        await DeclareAsync(Names.DeadQueue(_kind), dead);
        var wrong = (await TopologyAsync()).Where(finding => finding.Verdict == Verdict.Wrong).ToDictionary(finding => finding.Check);
        Assert.Equal("x-delivery-limit is '5' there, and this version declares '100'", wrong[$"queue {Names.JobsQueue(_kind)}"].What);
        Assert.Equal("x-delivery-limit is none there, and this version declares '1000000000'", wrong[$"queue {Names.DeadQueue(_kind)}"].What);
    }

    [Fact]
    public async Task A_queue_of_another_type_is_named()
    {
        await DeclareAsync(Names.JobsQueue(_kind), new() { ["x-queue-type"] = "classic" });
        var wrong = Assert.Single(await TopologyAsync(), finding => finding.Check == $"queue {Names.JobsQueue(_kind)}");
        Assert.Equal(Verdict.Wrong, wrong.Verdict);
        Assert.Contains("x-", wrong.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_whose_dead_letters_have_no_queue_is_named()
    {
        await DeclareAsync(Names.JobsQueue(_kind), QueueArguments.Jobs(_kind));
        Assert.Equal(Verdict.Wrong, Assert.Single(await TopologyAsync(), finding => finding.Check == $"queue {Names.DeadQueue(_kind)}").Verdict);
    }

    [Fact]
    public async Task A_broker_that_takes_messages_has_features_permissions_and_no_alarm()
    {
        await using var examination = await BrokerExamination.OpenAsync(_address, TestContext.Current.CancellationToken);
        var findings = examination.Server().ToList();
        Assert.StartsWith("RabbitMQ ", findings[0].What, StringComparison.Ordinal);
        findings.Add(await examination.PermissionsAsync(TestContext.Current.CancellationToken));
        findings.AddRange(await examination.FeaturesAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        findings.Add(await examination.AlarmAsync(TestContext.Current.CancellationToken));
        // Versions before 3.12 have one finding more.
        Assert.Equal([Verdict.Ok, Verdict.Skipped, Verdict.Ok, Verdict.Ok, Verdict.Ok], findings.Where(finding => finding.Check != "job duration").Select(finding => finding.Verdict));
        await using var probe = await QueueProbe.OpenAsync();
        Assert.False(await probe.ExistsAsync(Names.ProbeOfType("quorum")));
        Assert.False(await probe.ExistsAsync(Names.ProbeOfType("stream")));
    }

    [Theory]
    [InlineData(30, Verdict.Ok)]
    [InlineData(13, Verdict.Wrong)]
    internal async Task A_certificate_is_well_until_two_weeks_before_its_end(int days, Verdict verdict)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1", end: DateTimeOffset.UtcNow.AddDays(days).AddHours(1));
        using var front = new BrokerFront(certificate);
        await using var examination = await BrokerExamination.OpenAsync(BrokerAddress.Parse(front.Url, authorities: [authority.Certificate]), TestContext.Current.CancellationToken);
        var finding = examination.Server().ElementAt(1);
        Assert.Equal(verdict, finding.Verdict);
        Assert.EndsWith($"({days} days)", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_ended_ends_the_examination_with_its_date()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1", end: DateTimeOffset.UtcNow.AddDays(-1));
        using var front = new BrokerFront(certificate);
        var address = BrokerAddress.Parse(front.Url, authorities: [authority.Certificate]);
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => BrokerExamination.OpenAsync(address, TestContext.Current.CancellationToken));
        Assert.Contains("presented a certificate that expired on", error.Message, StringComparison.Ordinal);
    }

    private async Task<List<Finding>> TopologyAsync()
    {
        await using var examination = await BrokerExamination.OpenAsync(_address, TestContext.Current.CancellationToken);
        return await examination.TopologyAsync([_kind], TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    private static async Task DeclareAsync(string queue, Dictionary<string, object?> arguments)
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
    }
}
