using System.CommandLine;
using Broker.CommandLine;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.JobLogs;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

/// <summary>Shows what would be sent, without a broker.</summary>
internal static class DryRun
{
    public static Option<bool> Option() => new("--dry-run") { Description = "Show the items as JSON; send nothing" };

    /// <param name="source">The items.</param>
    /// <param name="selection">Which of them are run; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> ShowAsync(ItemSource source, Selection? selection, CancellationToken cancellationToken)
    {
        await using var output = new BufferedStream(StandardOutput.Open(), 64 * 1024);
        long index = 0, count = 0, bytes = 0;
        await foreach (var item in source.ReadAsync(cancellationToken, selection?.Limit ?? long.MaxValue))
        {
            if (selection?.Skips(index++, item) is true)
                continue;
            count++;
            bytes += item.Length;
            await output.WriteAsync(item, cancellationToken);
            output.WriteByte((byte)'\n');
        }

        await output.FlushAsync(cancellationToken);
        selection?.Summarise();
        source.ThrowIfBroken();
        Screen.Say($"{count} items, {bytes} bytes from {source.Name}; nothing was sent");
        return ExitCodes.Success;
    }
}
