using System.Net;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Diagnosis;
using Broker.Fleet;
using Broker.Producer.Cli.Commands.Doctor;
using Broker.Telemetry;
using Broker.Tests.Support;
using Broker.Tests.Unit.Fleet;

namespace Broker.Tests.Unit.Diagnosis;

public sealed class When_a_check_is_reported
{
    private static readonly DateTimeOffset Asked = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Its_line_has_the_verdict_what_was_found_and_how_to_mend_it()
    {
        Assert.Equal("ok     broker: there", FindingReport.Line(Finding.Ok("broker", "there")));
        Assert.Equal("wrong  queue q: differs: delete it", FindingReport.Line(Finding.Wrong("queue q", "differs", "delete it")));
        Assert.Equal("skip   delays: none\\u001b[2J", FindingReport.Line(Finding.Skipped("delays", "none\e[2J")));
    }

    [Theory]
    [InlineData(
        "PRECONDITION_FAILED - inequivalent arg 'x-delivery-limit' for queue 'broker.jobs.k' in vhost '/': received the value '100' of type 'signedint' but current is the value '5' of type 'signedint'",
        "x-delivery-limit is '5' there, and this version declares '100'")]
    [InlineData(
        "PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-exchange' for queue 'broker.jobs.k' in vhost '/': received the value 'broker.dead' of type 'longstr' but current is none",
        "x-dead-letter-exchange is none there, and this version declares 'broker.dead'")]
    [InlineData("PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received none but current is the value '7' of type 'long'", "x-max-length is '7' there, and this version declares none")]
    [InlineData("PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'broker.jobs' in vhost '/': received 'direct' but current is 'topic'", "type is 'topic' there, and this version declares 'direct'")]
    [InlineData("INTERNAL_ERROR", "INTERNAL_ERROR")]
    public void An_argument_that_differs_is_told_with_both_values(string reply, string told) => Assert.Equal(told, TopologyCheck.Difference(reply));

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(-1, 4, null)]
    [InlineData(9, 0, "that of host h is 8s ahead of this machine's: deadlines and the order of log lines are wrong by as much")]
    [InlineData(-60, 0, "that of host h is 60s behind this machine's: deadlines and the order of log lines are wrong by as much")]
    public void A_clock_is_wrong_by_what_the_time_of_its_answer_cannot_explain(int seconds, int another, string? told)
    {
        var fleet = FleetOf((BrokerVersion.Text, Asked.AddSeconds(seconds)), (BrokerVersion.Text, Asked.AddSeconds(another * 0.5)), (BrokerVersion.Text, null));
        var clocks = FleetFindings.In(fleet, Asked).Where(finding => finding.Check == "clocks").ToList();
        Assert.Equal(told is null ? [] : [told], clocks.Select(finding => finding.What));
    }

    [Fact]
    public void Consumers_of_other_versions_are_counted()
    {
        var findings = FleetFindings.In(FleetOf((BrokerVersion.Text, Asked), ("0.0.9", Asked), ("0.0.9", Asked)), Asked).ToList();
        Assert.Equal(Finding.Ok("consumers", "3 answer"), findings[0]);
        Assert.Equal(Finding.Wrong("versions", $"2 of 3 consumers run version 0.0.9, and this is {BrokerVersion.Text}", "replace the older ones"), findings[1]);
        Assert.Equal(Finding.Skipped("consumers", "none answers"), Assert.Single(FleetFindings.In(FleetOf(), Asked)));
        Assert.Equal(Finding.Skipped("consumers", "not asked, for the broker takes no messages"), Assert.Single(FleetFindings.In(FleetOf() with { Unasked = true }, Asked)));
    }

    [Theory]
    [InlineData(null, "connection refused", Verdict.Wrong, "http://s does not answer (connection refused)")]
    [InlineData(HttpStatusCode.Unauthorized, "", Verdict.Wrong, "http://s refuses us")]
    [InlineData(HttpStatusCode.Forbidden, "", Verdict.Ok, "Elasticsearch 8 at http://s")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "", Verdict.Wrong, "http://s answers HTTP 503")]
    [InlineData(HttpStatusCode.OK, "{\"status\":\"yellow\"}", Verdict.Ok, "Elasticsearch 8 at http://s, status yellow")]
    [InlineData(HttpStatusCode.OK, "{\"status\":\"red\"}", Verdict.Wrong, "Elasticsearch 8 at http://s has lost shards (status red)")]
    internal void A_log_server_is_well_where_it_answers_and_accepts_us(HttpStatusCode? status, string body, Verdict verdict, string what)
    {
        var finding = LogServerCheck.Health("http://s", new(status, body), "Elasticsearch 8");
        Assert.Equal((verdict, what), (finding.Verdict, finding.What));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, Verdict.Ok)]
    [InlineData(HttpStatusCode.NotFound, Verdict.Wrong)]
    [InlineData(HttpStatusCode.Forbidden, Verdict.Skipped)]
    [InlineData(null, Verdict.Wrong)]
    internal void And_where_it_has_our_index_template(HttpStatusCode? status, Verdict verdict) => Assert.Equal(verdict, LogServerCheck.Template(new(status, "")).Verdict);

    /// <summary>Answers that were complete one second after the question.</summary>
    private static FleetSnapshot FleetOf(params (string Version, DateTimeOffset? Clock)[] answers)
    {
        var clock = new ManualClock();
        clock.Set(Asked.AddSeconds(1));
        return FleetSnapshot.Of(
            [
                .. answers.Select((answer, pid) => new Pong
                {
                    PingId = Guid.Empty,
                    Worker = new ProcessIdentity("h", pid, "n"),
                    Version = answer.Version,
                    StartedAt = Asked,
                    Now = answer.Clock,
                    Kinds = [Snapshots.Served("double")],
                }),
            ],
            clock);
    }
}
