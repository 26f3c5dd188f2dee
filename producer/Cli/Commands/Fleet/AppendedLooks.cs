using Broker.Fleet;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>Writes one look after the other: to a pipe, or a single look.</summary>
/// <param name="json">Whether as JSON.</param>
internal sealed class AppendedLooks(bool json)
{
    private bool _begun;

    /// <summary>Why a look failed is not written here: the pool's notices on stderr say so.</summary>
    public void Show(FleetSnapshot look, string? trouble = null)
    {
        if (trouble is not null)
            return;
        if (json)
        {
            Console.Out.WriteLine(StatusDocument.Of(look));
            return;
        }

        if (_begun)
            Console.Out.WriteLine();
        _begun = true;
        foreach (var line in new StatusPage(Console.IsOutputRedirected ? int.MaxValue : Picture.Width, static problem => problem).Lines(look))
            Console.Out.WriteLine(line);
    }
}
