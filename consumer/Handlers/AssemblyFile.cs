using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Broker.Consumer.Handlers;

/// <summary>What stands in the metadata of an assembly, read without loading it.</summary>
internal static class AssemblyFile
{
    /// <summary>Its assembly version; null for a file that is no .NET assembly.</summary>
    public static Version? VersionOf(string path)
    {
        try
        {
            return AssemblyName.GetAssemblyName(path).Version;
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException)
        {
            return null;
        }
    }

    /// <summary>The assemblies it was compiled against.</summary>
    /// <exception cref="BadImageFormatException">It is no portable executable.</exception>
    /// <exception cref="InvalidOperationException">It is one without .NET metadata.</exception>
    public static IReadOnlyList<AssemblyName> ReferencesOf(string path) =>
        Read(path, metadata => metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName()).ToList());

    /// <summary>The tokens of the types and members it uses of assemblies that <paramref name="chosen"/> picks. Members of generic instances are left out: without their arguments they say nothing.</summary>
    public static IReadOnlyList<int> UsesOf(string path, Func<string, bool> chosen) => Read(path, metadata =>
    {
        var types = metadata.TypeReferences.Where(handle => chosen(OriginOf(metadata, handle))).Select(handle => (EntityHandle)handle).ToHashSet();
        var members = metadata.MemberReferences.Where(handle => types.Contains(metadata.GetMemberReference(handle).Parent)).Select(handle => (EntityHandle)handle);
        return types.Concat(members).Select(handle => MetadataTokens.GetToken(handle)).ToList();
    });

    private static string OriginOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.AssemblyReference => metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            HandleKind.TypeReference => OriginOf(metadata, (TypeReferenceHandle)scope),
            _ => "",
        };
    }

    private static T Read<T>(string path, Func<MetadataReader, T> read)
    {
        using var file = new PEReader(File.OpenRead(path));
        return read(file.GetMetadataReader());
    }
}
