using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Diagnosis;

/// <summary>
/// Whether the queues and exchanges that are there are as this version declares them, and those there that need each other. Declaring again what is there changes nothing, and the
/// broker names the argument that differs.
/// </summary>
internal sealed partial class TopologyCheck(SerialChannel serial)
{
    private const string Fix = "use another virtual host, or empty and delete it: whoever needs it declares it again";

    private int _same;

    /// <summary>Whether any consumer has ever been there: only then can consumers be asked without declaring something.</summary>
    public async Task<bool> HasControlAsync(CancellationToken cancellationToken) =>
        await IsThereAsync(exchange: true, Names.ControlExchange, cancellationToken) && await IsThereAsync(exchange: true, Names.ResultsExchange, cancellationToken);

    public async IAsyncEnumerable<Finding> RunAsync(IReadOnlyCollection<string> kinds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (name, type) in JobTopology.Exchanges)
        {
            if (await ExchangeAsync(name, type, cancellationToken) is { Verdict: Verdict.Wrong } wrong)
                yield return wrong;
        }

        if (await QueueAsync(Names.KindsQueue, QueueArguments.Kinds(), cancellationToken) is { Verdict: Verdict.Wrong } list)
            yield return list;
        if (await QueueAsync(Names.CancelledStream, QueueArguments.Cancelled(), cancellationToken) is { Verdict: Verdict.Wrong } cancelled)
            yield return cancelled;
        foreach (var stream in OutcomeStream.All)
        {
            if (await QueueAsync(stream.Name, QueueArguments.Outcomes(), cancellationToken) is { Verdict: Verdict.Wrong } outcomes)
                yield return outcomes;
        }

        foreach (var kind in kinds)
        {
            var jobs = await QueueAsync(Names.JobsQueue(kind), QueueArguments.Jobs(kind), cancellationToken);
            var suspects = await QueueAsync(Names.SuspectsQueue(kind), QueueArguments.Jobs(kind), cancellationToken);
            var dead = await QueueAsync(Names.DeadQueue(kind), QueueArguments.Dead(), cancellationToken);
            if (jobs is { Verdict: Verdict.Ok } && dead is null)
                dead = Finding.Wrong($"queue {Names.DeadQueue(kind)}", "is missing: what is given up has no place", "start a consumer of the kind: it declares it");
            foreach (var wrong in new[] { jobs, suspects, dead }.OfType<Finding>().Where(finding => finding.Verdict == Verdict.Wrong))
                yield return wrong;
        }

        yield return _same == 0 ? Finding.Skipped("queues", "none is declared yet") : Finding.Ok("queues", $"{_same} queues and exchanges are as this version declares them");
        await foreach (var delay in DelaysAsync(cancellationToken))
            yield return delay;
    }

    /// <summary>How the argument of a queue or exchange differs, from what the broker says of it.</summary>
    internal static string Difference(string reply)
    {
        var differs = Inequivalent().Match(reply);
        return differs.Success ? $"{differs.Groups["name"].Value} is {Value("theirs")} there, and this version declares {Value("ours")}" : reply;

        string Value(string group) => differs.Groups[group] is { Success: true, Value: var value } ? $"'{value}'" : "none";
    }

    private async IAsyncEnumerable<Finding> DelaysAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var missing = new List<int>();
        for (var level = 0; level < DelayLevels.Count; level++)
        {
            var name = Names.DelayLevel(level);
            var (exchange, queue) = (await ExchangeAsync(name, ExchangeType.Topic, cancellationToken), await QueueAsync(name, QueueArguments.Delay(level), cancellationToken));
            if (exchange is null || queue is null)
                missing.Add(level);
            foreach (var wrong in new[] { exchange, queue }.OfType<Finding>().Where(finding => finding.Verdict == Verdict.Wrong))
                yield return wrong;
        }

        yield return missing.Count switch
        {
            0 => Finding.Ok("delays", $"all {DelayLevels.Count} levels are there"),
            DelayLevels.Count => Finding.Skipped("delays", "no job has been delayed yet"),
            _ => Finding.Wrong("delays", $"level {string.Join(", ", missing)} of {DelayLevels.Count} is missing: what waits there for a retry would be lost", "a consumer declares all again when a retry begins at a missing one"),
        };
    }

    private Task<Finding?> ExchangeAsync(string name, string type, CancellationToken cancellationToken) => CompareAsync(
        exchange: true,
        name,
        async channel =>
        {
            await channel.ExchangeDeclareAsync(name, type, durable: true, cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    private Task<Finding?> QueueAsync(string name, Dictionary<string, object?> arguments, CancellationToken cancellationToken) => CompareAsync(
        exchange: false,
        name,
        async channel =>
        {
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Null where it is not there.</summary>
    private async Task<Finding?> CompareAsync(bool exchange, string name, Func<IChannel, Task<bool>> declare, CancellationToken cancellationToken)
    {
        var check = $"{(exchange ? "exchange" : "queue")} {name}";
        if (!await IsThereAsync(exchange, name, cancellationToken))
            return null;
        try
        {
            await serial.RunAsync(declare, cancellationToken);
            _same++;
            return Finding.Ok(check, "as this version declares it");
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { } reason)
        {
            return Finding.Wrong(check, Difference(reason.ReplyText), Fix);
        }
        catch (BrokerUnavailableException e) when (!e.CanRetry)
        {
            // A producer needs no permission for what only consumers declare.
            return Finding.Skipped(check, e.Message);
        }
    }

    private async Task<bool> IsThereAsync(bool exchange, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await serial.RunAsync(
                async channel =>
                {
                    if (exchange)
                        await channel.ExchangeDeclarePassiveAsync(name, cancellationToken);
                    else
                        await channel.QueueDeclarePassiveAsync(name, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }

    [GeneratedRegex(@"inequivalent arg '(?<name>[^']+)'.*?: received (none|(the value )?'(?<ours>[^']*)'( of type '[^']*')?) but current is (none|(the value )?'(?<theirs>[^']*)')", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Inequivalent();
}
