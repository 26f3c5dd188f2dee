using System.CommandLine;
using System.Runtime.CompilerServices;
using Broker.CommandLine;
using Broker.Connection;
using Broker.Diagnosis;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Options;

namespace Broker.Producer.Cli.Commands.Doctor;

/// <summary>Checks everything a fleet depends on, from the certificate to the consumers' clocks.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var output = OptionTypes.Word("--output", ["-o"], "text|json", "json: one object per check, one per line", "text", "json");
        var connection = new ConnectionOptions();
        var command = new Command("doctor", "Check broker, queues, consumers and log server") { output };
        connection.AddTo(command, management: true);
        HelpPage.Attach(
            command,
            """
            producer doctor
            producer doctor -o json | jq 'select(.verdict == "wrong")'
            """,
            """
            One line per check: ok, wrong (what, why, how to fix it) or skip (not checked).
            It declares nothing on the broker but what it deletes again.
            Exit: 0 all well, 1 something is wrong.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var report = new FindingReport(parsed.GetValue(output) == "json", session.Colour);
            await foreach (var finding in FindAsync(session))
                report.Write(finding);
            return report.Wrong == 0 ? ExitCodes.Success : ExitCodes.Failed;
        });
        return command;
    }

    private static async IAsyncEnumerable<Finding> FindAsync(Session session)
    {
        var (examination, refused) = await OpenAsync(session);
        if (examination is null)
            yield return Finding.Wrong("broker", refused!);
        else
            await using (examination)
                await foreach (var finding in OfBrokerAsync(examination, session, session.Interrupted))
                    yield return finding;
        await foreach (var finding in ManagementCheck.RunAsync(session.Settings, session.Interrupted))
            yield return finding;
        await foreach (var finding in LogServerCheck.RunAsync(session.Settings.Logging, session.Interrupted))
            yield return finding;
    }

    private static async Task<(BrokerExamination? Examination, string? Refused)> OpenAsync(Session session)
    {
        try
        {
            return (await session.ReachAsync(() => BrokerExamination.OpenAsync(session.Settings.Address, session.Interrupted)), null);
        }
        catch (BrokerUnavailableException e)
        {
            return (null, ErrorReport.MessageOf(e));
        }
    }

    private static async IAsyncEnumerable<Finding> OfBrokerAsync(BrokerExamination broker, Session session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var finding in broker.Server())
            yield return finding;
        await foreach (var finding in broker.OtherNodesAsync(cancellationToken))
            yield return finding;
        yield return await broker.PermissionsAsync(cancellationToken);
        await foreach (var finding in broker.FeaturesAsync(cancellationToken))
            yield return finding;
        var alarm = await broker.AlarmAsync(cancellationToken);
        yield return alarm;
        await using var pool = await session.ConnectAsync();
        var kinds = (await pool.Fleet.ListKindsAsync([], cancellationToken)).ToHashSet();
        await foreach (var finding in OfConsumersAsync(pool, await broker.HasControlAsync(cancellationToken), alarm.Verdict == Verdict.Wrong, kinds, cancellationToken))
            yield return finding;
        await foreach (var finding in broker.TopologyAsync([.. kinds.Order(StringComparer.Ordinal)], cancellationToken))
            yield return finding;
    }

    /// <param name="pool">Asks them.</param>
    /// <param name="any">Whether there has ever been one.</param>
    /// <param name="blocked">Whether the broker takes no messages.</param>
    /// <param name="kinds">Gets the kinds that they serve.</param>
    private static async IAsyncEnumerable<Finding> OfConsumersAsync(JobPool pool, bool any, bool blocked, HashSet<string> kinds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!any)
        {
            yield return Finding.Skipped("consumers", "there has been none yet");
            yield break;
        }

        var asked = DateTimeOffset.UtcNow;
        var (fleet, refused) = await LookAsync(pool, blocked, cancellationToken);
        if (fleet is null)
        {
            yield return Finding.Skipped("consumers", refused!);
            yield break;
        }

        kinds.UnionWith(fleet.Kinds.Select(kind => kind.Kind));
        foreach (var finding in FleetFindings.In(fleet, asked))
            yield return finding;
    }

    private static async Task<(FleetSnapshot? Fleet, string? Refused)> LookAsync(JobPool pool, bool blocked, CancellationToken cancellationToken)
    {
        try
        {
            return (await pool.Fleet.LookAsync([], blocked, cancellationToken), null);
        }
        catch (BrokerUnavailableException e) when (!e.CanRetry)
        {
            return (null, $"cannot be asked with the permissions above ({e.Message})");
        }
    }
}
